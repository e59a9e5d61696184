"""A pipe in the place of any file from outside: whoever reads it says so at once, and never waits for it."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from annotator.app import default_settings
from annotator.domain.errors import AnnotatorError
from annotator.domain.model_card import read_card
from annotator.domain.schemes.scheme_file import load_scheme, read_scheme
from annotator.formats.registry import format_named
from annotator.imaging.reader import probe, read_frame
from annotator.nn.checkpoint import load_model, save_model
from annotator.nn.zoo import architecture, build
from annotator.session.processes import decode_process
from annotator.session.processes.decode_process import DecodeProcess
from annotator.store.project_store import ProjectStore
from annotator.ui.commands.keys.keymap import read_keymap

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files"),
    pytest.mark.timeout(60),
]

IBUG = load_scheme("ibug-68")
_READ: dict[str, Callable[[Path], object]] = {
    "a.jpg": read_frame,
    "a.exr": probe,
    "a.json": lambda path: format_named("coco").read(path, IBUG),
    "a.csv": lambda path: format_named("csv").read(path, IBUG),
    "a.pts": lambda path: format_named("pts").read(path.parent, IBUG),
    "scheme.toml": read_scheme,
    "model.toml": lambda path: read_card(path.parent),
    "keys.toml": read_keymap,
    "p.annotator": ProjectStore.open,
}


@pytest.mark.parametrize("name", _READ)
def test_a_pipe_is_refused_at_once(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    with pytest.raises(AnnotatorError):
        _READ[name](tmp_path / name)


def test_weights_that_are_a_pipe_are_refused(tmp_path: Path) -> None:
    from annotator.domain.model_card import ModelCard

    description = architecture("tiny", IBUG)
    save_model(tmp_path / "m", build(description), ModelCard("m", IBUG.id, description))
    (tmp_path / "m" / "weights.safetensors").unlink()
    os.mkfifo(tmp_path / "m" / "weights.safetensors")
    with pytest.raises(AnnotatorError, match="named pipe"):
        load_model(tmp_path / "m")


def test_settings_that_are_a_pipe_are_passed_by(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr(
        "annotator.app.QSettings", _settings_below(tmp_path)
    )  # Qt remembers its folder from the first call on
    (tmp_path / "annotator").mkdir()
    os.mkfifo(tmp_path / "annotator" / "window.ini")
    assert Path(default_settings().fileName()).name == "window-2.ini"


def _settings_below(folder: Path) -> type:
    from PySide6.QtCore import QSettings

    class Below(QSettings):
        def __init__(self, *arguments: object) -> None:
            names = [argument for argument in arguments if isinstance(argument, str)]
            path = folder.joinpath(*names).with_suffix(".ini")
            super().__init__(str(path), QSettings.Format.IniFormat)

    return Below


def test_a_picture_that_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"")
    process = DecodeProcess()
    try:
        monkeypatch.setattr(decode_process, "MOST_SECONDS", 0.0)
        with pytest.raises(AnnotatorError, match="given up"):
            process.decode(path)
        monkeypatch.undo()
        with pytest.raises(AnnotatorError, match="empty"):
            process.decode(path)  # by a new child
    finally:
        process.close()
