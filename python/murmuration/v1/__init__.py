"""The generated messages of the wire, version 1."""
