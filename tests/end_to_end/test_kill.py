"""The window is killed in the middle of editing: no released edit is lost, no half one is there, and it opens again."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import simplejpeg
from artist import at_the_window

from annotator.domain import edits
from annotator.domain.capture import Frame
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore

pytestmark = [pytest.mark.gui, pytest.mark.timeout(600)]
ROOT = Path(__file__).resolve().parents[2]
EDITOR = Path(__file__).with_name("tireless_editor.py")
WIDTH, HEIGHT = 480, 360
PLACED = 2
"""Ledger entries that the fixture makes."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two frames whose landmarks stand on a grid, 36 px apart; no model, so that no network is waited for."""
    scheme = load_scheme("ibug-68")
    number = np.arange(scheme.size)
    grid = np.stack([40 + 36 * (number % 11), 40 + 36 * (number // 11)], 1)
    captures = tmp_path / "captures"
    captures.mkdir()
    with ProjectStore.create(tmp_path / "show.annotator", scheme, captures) as store:
        store.frames.add(Frame(0, f"{i}.jpg", "ada", "", "c", str(i), WIDTH, HEIGHT) for i in (1, 2))
        for frame in (1, 2):
            pixels = np.full((HEIGHT, WIDTH, 3), 60 * frame, np.uint8)
            (captures / f"{frame}.jpg").write_bytes(simplejpeg.encode_jpeg(pixels, colorspace="RGB"))
            before = store.annotations.get(frame)
            after = edits.apply(edits.move(range(scheme.size), grid), before)[0]
            store.annotations.commit(Change(frame, before, after, "Place all"))
    return tmp_path / "show.annotator"


def edit_and_kill(project: Path, settings: Path, releases: int, while_pressed: bool) -> list[dict[str, Any]]:
    """Have a window edit, kill it with SIGKILL after some releases, and return what it told of them.

    Args:
        releases: kill after so many. while_pressed: kill it while the button of the next drag is down.
    """
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    environment = {**os.environ, "PYTHONPATH": path, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, str(EDITOR), str(project), str(settings)]
    released: list[dict[str, Any]] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as child:
        assert child.stdout is not None
        for line in child.stdout:
            told = json.loads(line)
            if "released" in told:
                released.append(told)
            if len(released) >= releases and ("pressed" in told) == while_pressed:
                break
        assert child.poll() is None, "the window ended by itself"
        family = psutil.Process(child.pid).children(recursive=True)
        child.kill()
        released += [told for told in map(_whole, child.stdout) if told and "released" in told]
    _, alive = psutil.wait_procs(family, timeout=120)
    assert not alive, "a killed window leaves no process behind"
    return released


def _whole(line: str) -> dict[str, Any] | None:
    """A line that was written whole before the end."""
    try:
        told: dict[str, Any] = json.loads(line)
    except ValueError:
        return None
    return told


def test_no_released_edit_is_lost(tmp_path: Path, project: Path) -> None:
    settings = tmp_path / "window.ini"
    kept = PLACED
    for releases, while_pressed in ((1, True), (8, False), (19, True)):
        released = edit_and_kill(project, settings, releases, while_pressed)
        assert len(released) >= releases
        with ProjectStore.open(project) as store:
            new = store.ledger.entries()[kept:]
            found = {frame: store.annotations.get(frame) for frame in (1, 2)}
        kept += len(new)
        assert 0 <= len(new) - len(released) <= 1, (
            "at most the edit that was just being released is there unreported"
        )
        for told, entry in zip(released, new, strict=False):
            assert (told["frame"], [told["released"]]) == (entry.frame_id, entry.indices.tolist())
            assert entry.to_xy[0].tolist() == [told["x"], told["y"]]
        latest = {(entry.frame_id, int(entry.indices[0])): entry.to_xy[0] for entry in new}
        for (frame, landmark), xy in latest.items():
            assert found[frame].xy[landmark].tolist() == xy.tolist(), "annotation and ledger agree"
    with at_the_window(settings, project) as artist:
        artist.wait_for_picture()
        assert artist.errors == []
        assert not artist.session.store.read_only
        assert {frame: artist.session.annotations.human(frame) for frame in (1, 2)} == found
        landmark = artist.lonely_landmark()
        artist.drag(landmark, 12, 8)
    with ProjectStore.open(project, read_only=True) as store:
        assert len(store.ledger.entries()) == kept + 1
