"""A repository that is packed anew, rewritten or taken away while it is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.git import listing
from indexer.errors import ReadError, SourceError
from indexer.ports import Observed
from tests.machine.git.scene import GitScene
from tests.support.git_repository import GitRepository


def _fill(repository: GitRepository, count: int = 40) -> None:
    for number in range(count):
        repository.write(f"{number % 5}.md", f"{number} days.\n" * 20).commit()


def test_what_is_packed_anew_during_a_listing_is_listed_and_read(
    scene: GitScene, repository: GitRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "_LANDED", 5)
    _fill(repository)
    told = scene.source.connector.changes(None)
    begun = [next(told) for _ in range(4)]
    repository.repack()
    states = [event for event in [*begun, *told] if isinstance(event, Observed)]
    assert len(states) == 40
    repository.write("new.md", "New days.").commit()
    repository.repack()
    assert sum(len(state.read().data) for state in states) > 40 * 20


def test_what_is_packed_anew_between_two_reads_is_read(scene: GitScene, repository: GitRepository) -> None:
    _fill(repository)
    repository.repack()
    states = [event for event in scene.events() if isinstance(event, Observed)]
    assert states[0].read().data
    _fill(repository, 3)
    repository.git("-c", "gc.reflogExpire=now", "repack", "-a", "-d", "-q", "-f", "--window=5")
    assert all(state.read().data for state in states)


def test_a_state_that_was_rewritten_and_packed_away_before_it_was_read(
    scene: GitScene, repository: GitRepository
) -> None:
    first = repository.write("a.md", "One days.").commit()
    repository.write("a.md", "Two days.").commit()
    states = [event for event in scene.events() if isinstance(event, Observed)]
    repository.reset(first)
    repository.repack()
    assert states[0].read().data == b"One days."
    with pytest.raises(ReadError) as failure:
        states[1].read()
    assert failure.value.reason == "missing-object"
    with pytest.raises(ReadError) as failure:
        scene.source.connector.read_state(states[1].key, states[1].origin or "")
    assert failure.value.reason == "vanished"


def test_a_repository_that_is_taken_away_during_a_listing(
    scene: GitScene, repository: GitRepository, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fill(repository)
    scene.learn_all()
    before = scene.told()
    _fill(repository)
    cursor = scene.home.sql("SELECT cursor FROM source")[0][0]
    monkeypatch.setattr(listing, "CHECKPOINT", 1)
    told = scene.source.connector.changes(cursor)
    next(told)
    repository.take_away(place / "elsewhere")
    with pytest.raises(SourceError):
        list(told)
    assert scene.learn().sources[0].problems
    assert scene.told() == before


def test_a_branch_that_is_rewritten_while_its_old_objects_are_gone(
    scene: GitScene, repository: GitRepository
) -> None:
    _fill(repository, 10)
    scene.learn_all()
    texts = scene.texts()
    repository.orphan("new").write("0.md", "Wholly new days.").commit()
    tip = repository.tip
    repository.switch("main").reset(tip)
    repository.handle.references.delete("refs/heads/new")
    repository.repack()
    scene.learn_all()
    assert scene.texts() == ["Wholly new days."]
    assert scene.texts(known_at=scene.when(0)) == texts
    assert len(scene.withdrawn()) == 10
