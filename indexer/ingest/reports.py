"""What a run did, or would do."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Forecast:
    """What a run would do (`--dry-run`)."""

    documents: int = 0
    """Documents that would gain a version, be moved or be buried."""
    versions: int = 0
    passages: int = 0
    """Passages that would be embedded."""
    tokens: int = 0
    seconds: float | None = None
    """At the rate of earlier runs; None while there is none."""
    whole_tokens: int = 0
    """What embedding every present document of the source whole would cost."""


@dataclass(slots=True)
class SourceReport:
    """What a run did for one source. Counts of documents, versions, passages and tokens."""

    name: str
    documents_seen: int = 0
    versions_added: int = 0
    passages_embedded: int = 0
    tokens_embedded: int = 0
    tokens_reused: int = 0
    passages_closed: int = 0
    failed: int = 0
    """Documents and scopes of this source that are listed as failures after the run; of those that it looked at, if it looked at some."""
    seconds: float = 0.0
    listed: bool = True
    """False: the source could not be listed, or its listing was not believed."""
    problems: list[str] = field(default_factory=list)
    """One line each for what kept the source from being brought up to date."""
    remarks: list[str] = field(default_factory=list)
    """One line each for what is odd about the source and cost nothing."""
    forecast: Forecast | None = None


@dataclass(slots=True)
class BackfillReport:
    """What a run did."""

    sources: list[SourceReport] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def complete(self) -> bool:
        """Whether everything that was seen is indexed."""
        return not any(source.failed or source.problems for source in self.sources)
