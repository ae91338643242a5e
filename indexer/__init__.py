"""A document indexer that keeps every version, and answers from exactly the one you ask for."""

__version__ = "0.1.0"
