"""`annotator desktop`: one of both is asked for, and nothing is written otherwise."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def test_the_command_wants_one_of_both(
    annotator: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert annotator("desktop").code == 2
    assert annotator("desktop", "--install", "--remove").code == 2
    assert not list(tmp_path.iterdir())
    assert annotator("desktop", "--install").code == 0
    assert "nothing" not in annotator("desktop", "--remove").out
    assert "nothing to remove" in annotator("desktop", "--remove").out
