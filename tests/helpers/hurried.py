"""The session in a hurry: what waits for others, or spares a hand that works, comes sooner, so that no test waits long for it."""

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from annotator.session import reader
from annotator.session.project import project_watch
from annotator.session.session import Session


def hurry() -> Iterator[None]:
    """For a fixture of a folder of tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(project_watch, "_EVERY_MS", 50)
        patch.setattr(reader, "_PAUSE_MS", 10)
        yield


def looked(session: Session, qtbot: QtBot) -> None:
    """What is in the project by now is known, and told."""
    watch = session._watch
    watch.look()
    qtbot.waitUntil(lambda: not watch._looking and not watch._untold, timeout=60_000)
