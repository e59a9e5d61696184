"""Runs the command line in this process, as a shell would."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import simplejpeg

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


@pytest.fixture
def captures(tmp_path: Path) -> Path:
    """Two subjects x two cameras of small frames."""
    folder = tmp_path / "captures"
    for subject in ("anna", "ben"):
        for camera in ("c1", "c2"):
            put_frame(folder / subject / "smile" / f"{camera}.jpg")
    return folder


@pytest.fixture
def project(annotator: Runner, captures: Path) -> Path:
    """A project of `captures`, made by the command."""
    file = captures.parent / "shoot.annotator"
    assert annotator("import", file, captures, "-p", "{subject}/{take}/{camera}.jpg", "-q").code == 0
    return file


def put_frame(file: Path) -> None:
    """Write a 64x48 JPEG."""
    file.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(0).integers(0, 255, (48, 64, 3), np.uint8)
    file.write_bytes(simplejpeg.encode_jpeg(pixels, colorspace="RGB"))
