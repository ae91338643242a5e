"""Verifying the invariants on a live index: `indexer check`."""

from indexer.check.report import CheckReport, Problem
from indexer.check.verification import check

__all__ = ["CheckReport", "Problem", "check"]
