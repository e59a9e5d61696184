"""Runs the command line in this process, as a shell would."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from annotator.cli.main import main


@dataclass(frozen=True)
class Run:
    """What a command left behind."""

    code: int
    out: str
    err: str


Runner = Callable[..., Run]


@pytest.fixture
def annotator(capsys: pytest.CaptureFixture[str]) -> Runner:
    """`annotator("status", path)` runs the command and returns its exit code, stdout and stderr."""

    def run(*arguments: object) -> Run:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return Run(code, out, err)

    return run
