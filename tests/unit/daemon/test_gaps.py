"""What is not watched is told as few scopes and in one line."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from indexer.daemon.gaps import Gaps


def error(number: int) -> OSError:
    return OSError(number, os.strerror(number))


@pytest.fixture
def gaps(tmp_path: Path) -> Gaps:
    (tmp_path / "max_user_watches").write_text("8192\n")
    return Gaps("/srv", tmp_path)


def test_a_folder_and_what_lies_in_it_are_one_gap(gaps: Gaps) -> None:
    for key in ("a/b", "a/c", "a", "a/d", "ab"):
        gaps.add(key, error(errno.ENOSPC))
    assert gaps.coverage().unwatched == ("a", "ab")
    gaps.add("", error(errno.EIO))
    assert gaps.coverage().unwatched == ("",)


def test_the_line_says_what_where_and_which_limit_to_raise(gaps: Gaps) -> None:
    gaps.add("a", error(errno.EIO))
    assert gaps.coverage().problem == "/srv/a is not watched but polled: Input/output error; check the disk"
    gaps.add("b", error(errno.ENOSPC))
    assert gaps.coverage().problem == (
        "2 folders of /srv are not watched but polled: "
        "no inotify watch is left; raise fs.inotify.max_user_watches (now 8192)"
    )


def test_a_limit_that_cannot_be_read_is_left_out(gaps: Gaps) -> None:
    gaps.add("", error(errno.EMFILE))
    assert gaps.coverage().problem == (
        "/srv is not watched but polled: "
        "no inotify instance is left; raise fs.inotify.max_user_instances, or the limit of open files"
    )


def test_a_folder_that_may_not_be_read_is_no_gap_since_polling_would_not_see_it_either(gaps: Gaps) -> None:
    gaps.add("a", error(errno.EACCES))
    assert gaps.coverage().unwatched == ()


def test_many_gaps_are_everything(gaps: Gaps) -> None:
    for number in range(501):
        gaps.add(f"{number}", error(errno.ENOSPC))
    assert gaps.coverage().unwatched == ("",)
    gaps.add("a/b", error(errno.ENOSPC))
    assert gaps.coverage().unwatched == ("",)


def test_a_gap_that_was_closed_is_none(gaps: Gaps) -> None:
    gaps.add("a", error(errno.ENOSPC))
    gaps.discard("a")
    gaps.discard("b")
    assert gaps.coverage().unwatched == ()
    assert gaps.coverage().problem == ""
