"""The open project's file, looked after as in the window, but so often that no test waits long for what others wrote."""

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from annotator.session.project import project_watch
from annotator.session.session import Session

_EVERY_MS = 50


def watch_often() -> Iterator[None]:
    """For a fixture of a folder of tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(project_watch, "_EVERY_MS", _EVERY_MS)
        yield


def looked(session: Session, qtbot: QtBot) -> None:
    """What is in the project by now is known, and told."""
    watch = session._watch
    watch.look()
    qtbot.waitUntil(lambda: not watch._looking and not watch._untold, timeout=60_000)
