"""Implementations of `ports.Embedder` and `ports.TokenCounter`."""
