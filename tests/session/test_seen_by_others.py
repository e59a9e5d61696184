"""What other programs and windows say beside landmarks (notes, takes, rigs) is seen in the open window, and not written over."""

from dataclasses import replace
from fractions import Fraction
from threading import Event

import pytest
from hurried import looked
from other_program import run
from pytestqt.qtbot import QtBot
from rig_project import make_rig

from annotator.domain import edits
from annotator.domain.note import Note
from annotator.domain.takes.take import TakeSettings
from annotator.session.session import Session
from annotator.session.time.take import TakeState, read_take
from annotator.store.project_store import ProjectStore

WAIT = 30_000


def take_of(session: Session, qtbot: QtBot) -> TakeState:
    """The take of frame 1, as the window knows it."""
    session.frames.go_to(1)
    qtbot.waitUntil(lambda: session.time.take.state is not None, timeout=WAIT)
    state = session.time.take.state
    assert state is not None
    return state


def test_notes_of_another_window_are_told(placed: Session, qtbot: QtBot) -> None:
    with qtbot.waitSignal(placed.notes.changed, timeout=WAIT), ProjectStore.open(placed.path) as store:
        note = store.notes.add(Note(1, "the ear is hidden"))
    looked(placed, qtbot)
    with qtbot.waitSignal(placed.notes.changed, timeout=WAIT), ProjectStore.open(placed.path) as store:
        store.notes.settle(note)
    looked(placed, qtbot)
    with qtbot.waitSignal(placed.notes.changed, timeout=WAIT), ProjectStore.open(placed.path) as store:
        store.notes.settle(note, on=False)
    looked(placed, qtbot)
    with qtbot.waitSignal(placed.notes.changed, timeout=WAIT), ProjectStore.open(placed.path) as store:
        store.notes.remove(note)


def test_a_rate_and_range_that_another_program_gave_are_shown(placed: Session, qtbot: QtBot) -> None:
    take_of(placed, qtbot)
    run("takes", str(placed.path), "--take", "ada", "--rate", "48", "--in", "2")
    wanted = TakeSettings(Fraction(48), 2)
    qtbot.waitUntil(
        lambda: (state := placed.time.take.state) is not None and state.settings == wanted, timeout=WAIT
    )


def test_a_range_set_in_the_window_keeps_the_rate_of_another_program(placed: Session, qtbot: QtBot) -> None:
    state = take_of(placed, qtbot)
    own = state.sequence
    with ProjectStore.open(placed.path) as store:
        store.takes.set(own.subject, own.take, replace(state.settings, rate=Fraction(48), handles=8))
    placed.time.take.set_range(2, None)
    assert placed.store.takes.get(own.subject, own.take) == TakeSettings(Fraction(48), 2, None, 8)
    state = placed.time.take.state
    assert state is not None
    assert state.settings == TakeSettings(Fraction(48), 2, None, 8)


def test_a_rig_that_another_program_brought_or_removed_is_known(placed: Session, qtbot: QtBot) -> None:
    told: list[str] = []
    placed.message.connect(lambda _level, text: told.append(text))
    with qtbot.waitSignal(placed.rigs_changed, timeout=WAIT), ProjectStore.open(placed.path) as store:
        rig = make_rig()
        store.rigs.add(rig)
    looked(placed, qtbot)
    assert told == ["Another program changed the rigs"]
    with qtbot.waitSignal(placed.rigs_changed, timeout=WAIT), ProjectStore.open(placed.path) as store:
        store.rigs.remove(rig.name)
    looked(placed, qtbot)
    placed.store.rigs.add(rig)
    placed.rigs_changed.emit()
    looked(placed, qtbot)
    assert len(told) == 2, "the window's own is no news"


def test_an_edit_while_the_take_is_read_is_in_it(
    placed: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = take_of(placed, qtbot)
    been_read, go_on = Event(), Event()

    def slow(store: ProjectStore, frame_id: int) -> TakeState | None:
        found = read_take(store, frame_id)
        been_read.set()
        assert go_on.wait(WAIT / 1000)
        return found

    monkeypatch.setattr("annotator.session.time.take.read_take", slow)
    placed.time.take.read()
    qtbot.waitUntil(been_read.is_set, timeout=WAIT)
    placed.annotations.submit(2, edits.move([0], [[7, 8]]))
    go_on.set()
    qtbot.waitUntil(lambda: placed.time.take.state is not before, timeout=WAIT)
    state = placed.time.take.state
    assert state is not None
    assert state.human[state.places[2]] == 1
