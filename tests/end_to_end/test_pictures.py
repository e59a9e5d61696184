"""The guide's pictures can be made by the command that it names."""

import subprocess
import sys
from pathlib import Path

import pytest

from annotator.imaging.reader import probe

SCRIPT = Path(__file__).parents[2] / "docs" / "make_pictures.py"


@pytest.mark.gui
@pytest.mark.slow
def test_a_picture_of_the_window_on_a_sample_is_made(tmp_path):
    done = subprocess.run([sys.executable, SCRIPT, tmp_path, "sample"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    made = probe(tmp_path / "window-sample.jpg")
    assert (made.width, made.height) == (1920, 1080)


@pytest.mark.gui
@pytest.mark.slow
def test_a_made_up_artist_works_on_renders_for_sheet_and_dashboard(tmp_path):
    given = [tmp_path, "project", "--renders", SCRIPT.parents[1] / "resources" / "samples"]
    done = subprocess.run([sys.executable, SCRIPT, *given], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for name in ("contact-sheet", "dashboard"):
        made = probe(tmp_path / f"{name}.jpg")
        assert (made.width, made.height) == (1920, 1080)


def test_unknown_pictures_are_refused_before_a_window_opens(tmp_path):
    done = subprocess.run([sys.executable, SCRIPT, tmp_path, "moon"], capture_output=True, text=True)
    assert done.returncode == 2
    assert "cannot make moon; can: sample, tour" in done.stderr
