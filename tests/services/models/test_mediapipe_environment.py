"""Where the interpreter for MediaPipe is looked for, and what is said when there is none."""

import os
from pathlib import Path

import pytest

from annotator.domain.errors import AnnotatorError
from annotator.services.models import mediapipe
from annotator.services.models.mediapipe import SETTING, find_interpreter, make_environment


def test_the_named_one_comes_first_then_the_setting_then_the_own_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mediapipe, "default_environment", lambda: tmp_path / "own")
    monkeypatch.setattr(mediapipe.importlib.util, "find_spec", lambda _: None)
    monkeypatch.delenv(SETTING, raising=False)
    with pytest.raises(AnnotatorError, match="--make-mediapipe"):
        find_interpreter()
    own = tmp_path / "own" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    named, setting = tmp_path / "named", tmp_path / "setting"
    for path in (own, named, setting):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", encoding="utf-8")
    assert find_interpreter() == own
    monkeypatch.setenv(SETTING, str(setting))
    assert find_interpreter() == setting
    assert find_interpreter(named) == named
    with pytest.raises(AnnotatorError, match="no Python interpreter"):
        find_interpreter(tmp_path / "missing")


def test_an_environment_that_cannot_be_made_gives_the_reason(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(AnnotatorError, match="could not be made"):
        make_environment(tmp_path / "file")
