"""What the service counts and measures, for Prometheus. Names and labels are an interface: none is ever renamed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

_SECONDS: Final = (0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1.2, 2.0, 3.0, 5.0, 10.0, 30.0, 120.0, 600.0)
_SHORT: Final = (0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.2, 0.3, 0.5, 1.0, 2.0, 5.0)

Reading = tuple[str, str, dict[str, str], float]
"""(name without prefix, help, labels, value) of something that is read when somebody asks for it."""


class Metrics:
    """The metrics of one running service, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry(auto_describe=False)
        counter = partial(Counter, namespace="indexer", registry=self.registry)
        histogram = partial(Histogram, namespace="indexer", registry=self.registry)
        source = ("source",)
        self.freshness = histogram(
            "freshness_seconds", "From the first sign of a change to its being searchable.", source, buckets=_SECONDS
        )  # fmt: skip
        self.looks = counter(
            "looks",
            "Looks at a source: at all of it (scan) or at a few places (changes).",
            ("source", "kind", "result"),
        )
        self.look_seconds = histogram(
            "look_seconds", "How long a look took.", ("source", "kind"), buckets=_SECONDS
        )
        self.anew = counter(
            "imports_told_again", "Times that a long import was told again for what is new.", source
        )
        self.versions = counter("versions_added", "Versions that were added.", source)
        self.passages = counter("passages_embedded", "Passages that were embedded.", source)
        self.tokens = counter("tokens_embedded", "Tokens that were embedded.", source)
        self.reused = counter("tokens_reused", "Tokens that did not have to be embedded again.", source)
        self.failed = counter(
            "document_failures", "Documents that could not be indexed.", ("source", "reason")
        )
        self.errors = counter("errors", "Looks that ended with an error.", ("source", "code"))
        self.commit_seconds = histogram(
            "commit_seconds",
            "How long a commit took, from its vectors being there to its being durable.",
            buckets=_SHORT,
        )
        self.upkeep_seconds = histogram(
            "upkeep_seconds", "How long looking after the passages table took.", buckets=_SECONDS
        )
        self.requests = counter("requests", "Requests on the control socket.", ("what", "result"))
        self.request_seconds = histogram(
            "request_seconds", "How long such a request took.", ("what",), buckets=_SHORT
        )

        self.not_kept = counter(
            "queries_not_kept", "Questions that were answered and could not be kept in the log."
        )

    def read_also(self, readings: Callable[[], Iterable[Reading]]) -> None:
        """Ask for these as well, each time somebody asks for the metrics."""
        self.registry.register(_Readings(readings))

    def text(self) -> bytes:
        """All of them, in Prometheus' text format."""
        return generate_latest(self.registry)


class _Readings:
    """A collector of what is read when it is asked for."""

    def __init__(self, readings: Callable[[], Iterable[Reading]]) -> None:
        self._readings = readings

    def collect(self) -> Iterator[Metric]:
        families: dict[str, GaugeMetricFamily] = {}
        for name, words, labels, value in self._readings():
            family = families.get(name)
            if family is None:
                family = families[name] = GaugeMetricFamily(f"indexer_{name}", words, labels=list(labels))
            family.add_metric(list(labels.values()), value)
        yield from families.values()
