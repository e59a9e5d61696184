"""Commands for several people and several models: what they print, and what they refuse without changing anything."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from annotator.cli.commands.people.assign import frame_numbers
from annotator.cli.exit_codes import ExitCode

Runner = Callable[..., Any]


def test_work_is_assigned_and_printed(annotator: Runner, project: Path) -> None:
    assert annotator("assign", project, "--to", "vera", "--subject", "anna").code == 0
    run = annotator("assign", project, "--to", "vera", "--to", "otto", "--frames", "3-4,1", "--json")
    told = json.loads(run.out)
    assert [(row["span"], row["what"], row["people"]) for row in told["assignments"][:2]] == [
        ("subject", "anna", ["vera"]),
        ("frame", "anna/smile/c1.jpg", ["otto", "vera"]),
    ]
    assert told["people"] == [
        {"person": "otto", "frames": 3, "touched": 0, "decided": 0},
        {"person": "vera", "frames": 4, "touched": 0, "decided": 0},
    ]
    assert annotator("assign", project, "--nobody", "--subject", "anna").code == 0
    assert "anna/smile/c1.jpg" in annotator("assign", project).out


@pytest.mark.parametrize(
    "options",
    [
        ("--to", "vera"),
        ("--subject", "anna"),
        ("--to", "vera", "--nobody", "--subject", "anna"),
        ("--to", "vera", "--frames", "1-"),
        ("--to", "vera", "--frames", "9-2"),
    ],
)
def test_a_half_said_assignment_is_wrong_usage(
    annotator: Runner, project: Path, options: tuple[str, ...]
) -> None:
    assert annotator("assign", project, *options).code == ExitCode.USAGE
    assert "Nothing is assigned" in annotator("assign", project).err


def test_what_there_is_not_is_an_error(annotator: Runner, project: Path) -> None:
    run = annotator("assign", project, "--to", "vera", "--subject", "cy")
    assert run.code == ExitCode.ERROR
    assert "no subject 'cy'; there are: anna, ben" in run.err
    assert "anybody, warned, apart" in annotator("assign", project, "--approval", "boss").err
    assert annotator("assign", project, "--approval", "apart").out.strip() == "Approval: apart"
    assert "nobody did" in annotator("agreement", project, "--person", "zoe").err
    assert "No two people" in annotator("agreement", project).err


def test_frames_are_named_by_ranges() -> None:
    assert frame_numbers("1-3, 7") == [1, 2, 3, 7]


def test_the_word_list_may_be_left_out(annotator: Runner, project: Path) -> None:
    assert annotator("models", project, "--json").out == annotator("models", "list", project, "--json").out
    assert annotator("models", "--history").code == ExitCode.USAGE


def test_a_model_that_there_is_not_is_told_with_those_that_there_are(
    annotator: Runner, project: Path
) -> None:
    for command in (("show",), ("delete",), ("export",)):
        extra = ("out",) if command == ("export",) else ()
        run = annotator("models", *command, project, "nine", *extra)
        assert run.code == ExitCode.ERROR
        assert "knows no model 'nine'" in run.err
    assert "is no model folder" in annotator("models", "import", project, project.parent).err
    assert "ships with Annotator" in annotator("models", "delete", project, "starter", "--force").err
