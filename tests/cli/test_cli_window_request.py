"""Which command lines open the window."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from annotator.cli.main import command_names
from annotator.cli.window_request import WindowRequest, window_request

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


def test_a_missing_project_says_how_to_make_one(annotator: Runner) -> None:
    run = annotator("missing.annotator")
    assert run.code == 1
    assert "annotator import missing.annotator" in run.err
    assert "Traceback" not in run.err


def test_a_folder_says_how_to_import_it(annotator: Runner, tmp_path: Path) -> None:
    run = annotator(tmp_path)
    assert run.code == 1
    assert f"annotator import {tmp_path.name}.annotator {tmp_path}" in run.err
