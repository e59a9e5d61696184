"""The job scripts of the page on farms are commands that Annotator understands, with the variables that the farms fill in."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer.main

from annotator.cli.main import app
from annotator.services.models.farm.propose_shard import Shard

PAGE = (Path(__file__).parents[4] / "docs" / "farm.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(?:sh|text)\n(.*?)^```", PAGE, re.M | re.S)
VARIABLES = ("$SLURM_ARRAY_TASK_ID", "<STARTFRAME>", "#IFRAME#")
CLICK: Any = typer.main.get_command(app)


def commands() -> list[list[str]]:
    """What each block runs, without the name of the program."""
    found = []
    launched = re.compile(r"^torchrun .*? -m ", re.M)  # what starts the processes
    for line in launched.sub("", "".join(BLOCKS)).splitlines():
        for variable in VARIABLES:
            line = line.replace(variable, "20")
        words = shlex.split(line, comments=True)
        if words[:1] == ["deadlinecommand"]:
            assert words[words.index("-executable") + 1] == "annotator"
            words = ["annotator", *shlex.split(words[words.index("-arguments") + 1])]
        if words:
            assert words[0] == "annotator", "no other program is explained"
            found.append(words[1:])
    return found


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_a_command_of_a_job_script_is_understood(words: list[str]) -> None:
    context = CLICK.commands[words[0]].make_context(words[0], words[1:])
    shard = context.params.get("shard")
    if shard is not None:
        assert Shard.parse(shard).count == 20


def test_every_farm_has_its_variable() -> None:
    assert all(any(variable in block for block in BLOCKS) for variable in VARIABLES)
