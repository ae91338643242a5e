"""Implementations of `ports.Parser`: bytes of every supported format become blocks."""
