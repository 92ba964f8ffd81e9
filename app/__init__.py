"""Portrait Parlé turns a witness's spoken portrait into a face, and choices into a better one."""

__version__ = "0.1.0"
