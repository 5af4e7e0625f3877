"""The version of this package, which is that of the program `murmur` too.

`scripts/version.py` writes it wherever else it stands.
"""

__version__ = "0.1.0"
