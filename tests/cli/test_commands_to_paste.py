"""Commands that are printed to be copied work in a shell, whatever the project's path."""

import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from annotator.cli.window_request import refusal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="quotes of POSIX shells")
Runner = Callable[..., Any]
ODD = """ä "q" it's #1 100% $HOME"""


def words(text: str, before: str) -> list[str]:
    """What a shell makes of the command that stands behind some words."""
    return shlex.split(text.split(before)[1].splitlines()[0])


def test_the_next_step_after_an_import(
    annotator: Runner, captures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / ODD
    folder.mkdir()
    project = folder / f"{ODD}.annotator"
    monkeypatch.chdir(folder)
    done = annotator("import", project, captures)
    assert words(done.out, "Next: ")[:3] == ["annotator", "propose", project.name]


def test_what_to_do_where_the_window_cannot_open_a_path(tmp_path: Path) -> None:
    folder = tmp_path / ODD
    made = ["annotator", "import", os.fspath(folder), "FOLDER_OF_CAPTURES"]
    assert words(str(refusal(folder)), "Make one: ") == made
    folder.mkdir()
    found = words(str(refusal(folder)), "its captures: ")
    assert found == ["annotator", "import", f"{ODD}.annotator", os.fspath(folder)]
