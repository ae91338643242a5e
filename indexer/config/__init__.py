"""The configuration: found, read and checked once, then passed around as frozen values."""

from indexer.config.reading import find, load, parse
from indexer.config.values import Config, Embedding, Limits, Log, SourceConfig

__all__ = ["Config", "Embedding", "Limits", "Log", "SourceConfig", "find", "load", "parse"]
