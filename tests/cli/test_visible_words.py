"""No name of a file reaches the terminal as a command, wherever it is printed."""

import json
import re

import pytest

from annotator.cli import console
from annotator.cli.jobs import progress_bar

EVIL = "a\x1b]0;owned\x07\x1b[2J\x9b1m\x7f\r\u202egpj.\u2066\udc80[red]x[/nothing]"
COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


@pytest.mark.parametrize("speak", [console.say, console.note, console.warn, console.fail])
def test_words(speak, capsys: pytest.CaptureFixture[str]) -> None:
    speak(EVIL)
    told = "".join(capsys.readouterr())
    assert not COMMANDS.search(told)
    assert "[red]x[/nothing]" in told
    assert r"\x1b]0;owned\x07" in told


def test_tables(capsys: pytest.CaptureFixture[str]) -> None:
    console.print_table(EVIL, ("name",), [(EVIL + "\nb",)])
    told = capsys.readouterr().out
    assert not COMMANDS.search(told)
    assert r"\nb" in told.replace("\n", "")


@pytest.mark.parametrize("write", [console.print_json, console.print_event])
def test_json_is_safe_and_exact(write, capsys: pytest.CaptureFixture[str]) -> None:
    write({EVIL: EVIL})
    told = capsys.readouterr().out
    assert not COMMANDS.search(told)
    assert json.loads(told) == {EVIL: EVIL}


def test_progress(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(console.ERR, "_force_terminal", True)
    with progress_bar("Working") as progress:
        progress(1, 2, EVIL)
    told = capsys.readouterr().err
    assert "\x1b]0;owned" not in told
    assert "\u202e" not in told
