"""Reads the documents, and checks what their blocks of code claim."""
