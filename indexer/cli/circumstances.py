"""What `indexer status --check` looks at beside the index: the daemon, the disk, the failures; and its alerts, as lines."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.cli.visible import visible_line
from indexer.clock import to_instant
from indexer.daemon.control.address import is_abandoned
from indexer.query.alerts import UNATTENDED_AGE, Alert, Circumstances, oldest_scan

if TYPE_CHECKING:
    from indexer.config import Config
    from indexer.model import Failure, Instant


def circumstances(
    config: Config, daemon: Mapping[str, Any] | None, failures: Sequence[Failure], now: Instant
) -> Circumstances:
    """What is known at `now`; `daemon` is its `Service.state`, None where it does not answer."""
    space = _space(config.data_dir)
    known = Circumstances(
        now=now,
        failures=failures,
        free_bytes=None if space is None else space[0],
        all_bytes=None if space is None else space[1],
    )
    if daemon is None:
        ages = {source.name: UNATTENDED_AGE for source in config.sources}
        return known.with_scans(ages, dead_daemon=is_abandoned(config.data_dir))
    sources: Mapping[str, Mapping[str, Any]] = daemon["sources"]
    return known.with_scans(
        {name: oldest_scan(state["interval"]) for name, state in sources.items() if state["interval"]},
        since=to_instant(datetime.fromisoformat(daemon["since"])),
        at_work=frozenset(name for name, state in sources.items() if state["activity"] is not None),
        troubled={
            name: state.get("detail") or "" for name, state in sources.items() if state["state"] == "trouble"
        },
        refused=daemon.get("configuration_refused") or "",
        full=daemon.get("disk") or "",
    )


def alerts_shape(alerts: Sequence[Alert]) -> list[dict[str, str]]:
    """The ``alerts`` of ``status --check --json``."""
    return [{"code": alert.code, "where": alert.where, "message": alert.message} for alert in alerts]


def alert_lines(alerts: Sequence[Alert]) -> list[str]:
    """For people: one line each."""
    if not alerts:
        return ["nothing needs to be looked at"]
    return [visible_line(f"{alert.where}: {alert.message}") for alert in alerts]


def _space(folder: Path) -> tuple[int, int] | None:
    """Bytes that are free on the file system of `folder`, and all; None where it is not there."""
    try:
        usage = shutil.disk_usage(folder)
    except FileNotFoundError:
        return None
    return usage.free, usage.total
