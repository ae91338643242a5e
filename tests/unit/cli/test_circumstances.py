"""What is known beside the status: from a running daemon, or from there being none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from indexer.cli.circumstances import alert_lines, circumstances
from indexer.clock import rfc3339
from indexer.config import Config, SourceConfig
from indexer.daemon.control.address import Listening
from indexer.query.alerts import Alert

NOW = 1_700_000_000_000_000
SINCE = NOW - 5_000_000


def state(**about: Any) -> dict[str, Any]:
    return {
        "state": "following", "activity": None, "hints": 0, "watch": "native", "interval": 3600.0, "next_scan": None,
        **about,
    }  # fmt: skip


@pytest.fixture
def config(tmp_path: Path) -> Config:
    sources = tuple(SourceConfig(name, "files", {}) for name in ("policies", "wiki"))
    return Config(tmp_path / "config.toml", tmp_path, None, sources=sources)  # type: ignore[arg-type]


def test_a_daemon_says_how_often_it_scans_and_what_it_is_at(config: Config) -> None:
    sources = {
        "policies": state(),
        "wiki": state(activity="listing", interval=60.0),
        "off": state(interval=None),
        "share": state(state="trouble", detail="it hangs"),
    }

    known = circumstances(config, {"since": rfc3339(SINCE), "sources": sources}, (), NOW)

    assert known.oldest == {"policies": 10_800.0, "wiki": 900.0, "share": 10_800.0}
    assert known.since == SINCE
    assert known.at_work == {"wiki"}
    assert known.troubled == {"share": "it hangs"}
    assert not known.dead_daemon


def test_without_a_daemon_every_source_is_to_be_scanned_once_a_day(config: Config) -> None:
    known = circumstances(config, None, (), NOW)

    assert known.oldest == {"policies": 86_400.0, "wiki": 86_400.0}
    assert known.since is None
    assert known.free_bytes is not None
    assert not known.dead_daemon


def test_a_daemon_that_left_its_socket_behind_is_dead_and_one_that_listens_is_not(config: Config) -> None:
    listening = Listening(config.data_dir)
    assert not circumstances(config, None, (), NOW).dead_daemon

    listening.socket.close()

    assert circumstances(config, None, (), NOW).dead_daemon


def test_a_data_folder_that_is_not_there_has_no_disk(config: Config) -> None:
    config.data_dir.rmdir()

    assert circumstances(config, None, (), NOW).free_bytes is None


def test_alerts_are_one_line_each_and_silence_is_said() -> None:
    assert alert_lines([Alert("x", "wiki", "line\nfeed")]) == [r"wiki: line\nfeed"]
    assert alert_lines([]) == ["nothing needs to be looked at"]
