"""Indexes and scenes for the scenarios."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.indexes import Home, fast_folder
from tests.support.office import Office
from tests.support.scenes import KINDS, Scene, on_first_of_march

MakeHome = Callable[..., Home]


@pytest.fixture
def make_home() -> Iterator[MakeHome]:
    places: list[Path] = []
    homes: list[Home] = []

    def make(**options: object) -> Home:
        places.append(fast_folder("scenario-"))
        homes.append(Home(places[-1], clock=on_first_of_march(), **options))  # type: ignore[arg-type]
        return homes[-1]

    yield make
    for home in homes:
        home.close()
    for place in places:
        shutil.rmtree(place)


@pytest.fixture
def home(make_home: MakeHome) -> Home:
    return make_home()


@pytest.fixture(params=KINDS)
def scene(request: pytest.FixtureRequest, home: Home) -> Scene:
    return Scene(home, request.param)


@pytest.fixture
def folder(home: Home) -> Scene:
    return Scene(home, "folder")


@pytest.fixture
def history(home: Home) -> Scene:
    return Scene(home, "history")


@pytest.fixture
def office() -> Iterator[Office]:
    place = fast_folder("office-")
    made = Office(place)
    yield made
    made.home.close()
    shutil.rmtree(place)
