"""Answers survive odd encodings, closed pipes and full disks."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import pytest
from rich.text import Text

from indexer.cli import output


def stdout_of(monkeypatch: pytest.MonkeyPatch, encoding: str) -> io.BytesIO:
    """Standard output with that encoding, and the bytes that arrive there."""
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding=encoding, write_through=True))
    return written


@contextmanager
def descriptor_as_stdout(monkeypatch: pytest.MonkeyPatch, descriptor: int) -> Iterator[None]:
    stream = os.fdopen(descriptor, "w")
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", stream)
        yield
    stream.close()


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "ascii", "cp1252"])
@pytest.mark.parametrize("value", ["grün — 数", "key\udc80", "line\nfeed\x1b"])
def test_json_is_read_back_equal_in_every_encoding(
    monkeypatch: pytest.MonkeyPatch, encoding: str, value: str
) -> None:
    written = stdout_of(monkeypatch, encoding)

    output.StandardOutput().write_json({"value": value})

    assert json.loads(written.getvalue().decode(encoding)) == {"value": value}


def test_json_keeps_letters_where_it_can(monkeypatch: pytest.MonkeyPatch) -> None:
    written = stdout_of(monkeypatch, "utf-8")

    output.StandardOutput().write_json("grün")

    assert written.getvalue() == '"grün"\n'.encode()


def test_text_falls_back_to_near_and_escaped_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    written = stdout_of(monkeypatch, "ascii")

    output.StandardOutput().write_text("versions 1–2 · grün\n")

    assert written.getvalue() == b"versions 1-2 | gr\\xfcn\n"


def test_bytes_are_written_unchanged(monkeypatch: pytest.MonkeyPatch) -> None:
    written = stdout_of(monkeypatch, "utf-8")
    data = bytes(range(256))

    output.StandardOutput().write_bytes(data)

    assert written.getvalue() == data


def test_a_reader_that_left_is_told_apart_from_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)

    with descriptor_as_stdout(monkeypatch, writing), pytest.raises(output.ReaderGoneError):
        output.StandardOutput().write_text("x" * 1_000_000)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    full = os.open("/dev/full", os.O_WRONLY)

    with descriptor_as_stdout(monkeypatch, full), pytest.raises(output.OutputError) as caught:
        output.StandardOutput().write_json({})

    assert "No space left on device" in str(caught.value)


def test_a_closed_standard_output_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", cast(io.TextIOWrapper, None))

    with pytest.raises(output.OutputError):
        output.StandardOutput().write_text("x")


def test_colour_appears_only_on_a_terminal() -> None:
    red = Text("red", style="red")
    colours = {"TERM": "xterm-256color"}

    assert "\x1b[" in output.drawn(lambda console: console.print(red), columns=80, environment=colours)
    assert output.drawn(lambda console: console.print(red), environment=colours) == "red\n"


def test_no_color_is_honoured() -> None:
    red = Text("red", style="red")
    none = {"TERM": "xterm-256color", "NO_COLOR": "1"}

    drawn = output.drawn(lambda console: console.print(red), columns=80, environment=none)

    assert drawn == "red\n"


def test_square_brackets_and_colons_are_no_markup() -> None:
    assert output.drawn(lambda console: console.print("[bold]a[/] :smile:")) == ("[bold]a[/] :smile:\n")
