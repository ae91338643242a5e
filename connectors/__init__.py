"""Readers of the sources that people keep documents in; each package implements `indexer.ports.Connector`."""
