"""Which command lines open the window."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from annotator.cli.main import command_names
from annotator.cli.window_request import COMPLETION, WindowRequest, window_request

Runner = Callable[..., Any]


def test_no_arguments_open_it() -> None:
    assert window_request([], command_names()) == WindowRequest(None)


def test_a_project_opens_it(tmp_path: Path) -> None:
    project = tmp_path / "shoot.annotator"
    project.touch()
    assert window_request([str(project)], command_names()) == WindowRequest(project)


def test_a_file_named_like_a_command_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("status").touch()
    assert window_request(["status"], command_names()) is None


@pytest.mark.parametrize("arguments", [["--help"], ["status", "x.annotator"], ["missing.annotator"]])
def test_all_else_is_for_the_commands(arguments: list[str]) -> None:
    assert window_request(arguments, command_names()) is None


@pytest.mark.parametrize(
    ("shell", "asked"),
    [
        ("complete_bash", {"COMP_WORDS": "annotator st", "COMP_CWORD": "1"}),
        ("complete_zsh", {"_TYPER_COMPLETE_ARGS": "annotator st"}),
        (
            "complete_fish",
            {"_TYPER_COMPLETE_ARGS": "annotator st", "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
        ),
        ("source_bash", {}),
    ],
)
def test_the_shell_s_completion_never_opens_it(shell: str, asked: dict[str, str]) -> None:
    """By the real program, as the shell runs it: without arguments."""
    environment = {**os.environ, **asked, COMPLETION: shell}
    run = subprocess.run(
        [sys.executable, "-m", "annotator"], env=environment, capture_output=True, text=True, timeout=120
    )
    assert "status" in run.stdout if asked else COMPLETION in run.stdout
    assert window_request([], command_names(), environment) is None
    assert window_request(["shoot.annotator"], command_names(), environment) is None


def test_a_missing_project_says_how_to_make_one(annotator: Runner) -> None:
    run = annotator("missing.annotator")
    assert run.code == 1
    assert "annotator import missing.annotator" in run.err
    assert "Traceback" not in run.err


def test_a_folder_says_how_to_import_it(annotator: Runner, tmp_path: Path) -> None:
    run = annotator(tmp_path)
    assert run.code == 1
    assert f"annotator import {tmp_path.name}.annotator {tmp_path}" in run.err
