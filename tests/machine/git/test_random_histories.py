"""Random histories, learnt step by step: the same is believed as by an index that sees them whole."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.machine.git.scene import GitScene
from tests.support.git_repository import GitRepository
from tests.support.indexes import Home, fast_folder
from tests.support.scenes import on_first_of_march

PATHS = ("a.md", "b.md", "in/a.md", "in/c.md")
LONG = "\n\n".join(f"Sentence {number} of the policy." for number in range(12))
TEXTS = ("One.", "Two.", LONG, LONG + "\n\nOne more.", LONG.replace("3 of", "three of"))

edits = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.sampled_from(PATHS), st.sampled_from(TEXTS)),
        st.tuples(st.just("remove"), st.sampled_from(PATHS), st.none()),
        st.tuples(st.just("move"), st.sampled_from(PATHS), st.sampled_from(PATHS)),
        st.tuples(st.just("rotate"), st.sampled_from(PATHS), st.sampled_from(PATHS)),
    ),
    min_size=1,
    max_size=3,
)
commits = st.tuples(st.just("commit"), edits, st.sampled_from((3600, 0, -7200)))
learns = st.tuples(st.just("learn"), st.none(), st.none())
resets = st.tuples(st.just("reset"), st.integers(1, 4), st.none())
amends = st.tuples(st.just("amend"), edits, st.none())
tags = st.tuples(st.just("tag"), st.none(), st.none())


@dataclass
class Played:
    """A repository to which things happen, and the index that looks at it now and then."""

    scene: GitScene
    repository: GitRepository

    def play(self, steps: list[tuple]) -> None:
        commits = [self.repository.write("a.md", TEXTS[0]).commit()]
        for what, how, when in steps:
            match what:
                case "commit":
                    self._edit(how)
                    self.repository.now += when - 3600
                    commits.append(self.repository.commit())
                case "amend":
                    self._edit(how)
                    commits[-1] = self.repository.commit(amend=True)
                case "reset":
                    del commits[max(1, len(commits) - how) :]
                    self.repository.reset(commits[-1])
                case "tag":
                    self.repository.tag(f"v{len(commits)}", commits[-1])
                case "learn":
                    self.learn()
        self.learn()

    def learn(self) -> None:
        self.scene.learn_all()
        present = {path.decode(): blob for path, (_, blob) in self.repository.files.items()}
        assert self.scene.present() == sorted(present)
        for key, blob in present.items():
            assert self.scene.line(key)[-1] == (key, self.repository.handle[blob].data.decode())
        assert self.scene.home.embedder.repeated == []

    def _edit(self, edits: list[tuple]) -> None:
        files = self.repository.files
        for what, path, other in edits:
            match what:
                case "write":
                    self.repository.write(path, other)
                case "remove" if path.encode() in files:
                    self.repository.remove(path)
                case "move" if path.encode() in files and path != other:
                    self.repository.move(path, other)
                case "rotate" if {path.encode(), other.encode()} <= files.keys():
                    self.repository.rotate(path, other)


def _played(steps: list[tuple], check: Callable[[GitScene, GitScene], None], **settings: str) -> None:
    place = fast_folder("random-git-")
    try:
        with (
            Home(place / "data", clock=on_first_of_march()) as home,
            Home(place / "other", clock=on_first_of_march()) as other,
        ):
            repository = GitRepository(place / "repository")
            scene = GitScene(home, repository, **settings)
            Played(scene, repository).play(steps)
            whole = GitScene(other, repository)
            whole.learn_all()
            check(scene, whole)
    finally:
        shutil.rmtree(place)


@settings(max_examples=40)
@given(st.lists(st.one_of(commits, commits, learns), max_size=10))
def test_a_history_that_only_grows_is_the_same_learnt_in_steps_and_at_once(steps: list[tuple]) -> None:
    def check(scene: GitScene, whole: GitScene) -> None:
        assert scene.told() == whole.told()

    _played(steps, check)


@settings(max_examples=60)
@given(
    st.sampled_from(("head", "tags", "since:2024-01-01T13:30:00")),
    st.lists(st.one_of(commits, commits, tags, learns), max_size=12),
)
def test_a_history_that_is_told_in_part_and_then_whole_is_the_same_as_told_whole(
    history: str, steps: list[tuple]
) -> None:
    def check(scene: GitScene, whole: GitScene) -> None:
        ids, keys = scene.ids(), {key: scene.home.document_id(key) for key in scene.present()}
        scene.learn_all(history="all")
        assert scene.told() == whole.told()
        assert {key: scene.home.document_id(key) for key in scene.present()} == keys
        assert ids.items() <= scene.ids().items()

    _played(steps, check, history=history)


@settings(max_examples=60)
@given(st.lists(st.one_of(commits, learns, learns, resets, amends), max_size=12))
def test_a_history_that_is_rewritten_ends_with_the_states_of_the_present_branch(steps: list[tuple]) -> None:
    def check(scene: GitScene, whole: GitScene) -> None:
        assert _states(scene) == _states(whole)

    _played(steps, check)


def _states(scene: GitScene) -> Counter[tuple]:
    return Counter((told.origin, told.key, told.kind, told.text) for line in scene.told() for told in line)
