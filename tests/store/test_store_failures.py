"""A full disk, a read-only place, a locked file, a killed process: nothing is lost, and the message helps."""

import multiprocessing
import os
import random
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from annotator.domain import edits
from annotator.domain.annotation import Annotation
from annotator.domain.scheme import LandmarkScheme
from annotator.store.file import database
from annotator.store.file.errors import BusyError, StoreWriteError
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore

CONTEXT = multiprocessing.get_context("spawn" if sys.platform == "win32" else "forkserver")
if CONTEXT.get_start_method() == "forkserver":
    CONTEXT.set_forkserver_preload(["annotator.store.project_store"])
CYCLES = 24
LISTS_LOCKS = Path("/proc/locks").exists()


def move(store: ProjectStore, frame_id: int, x: float) -> int:
    before = store.annotations.get(frame_id)
    after, _ = edits.apply(edits.move([0, 3], [[x, x], [x, -x]]), before)
    return store.annotations.commit(Change(frame_id, before, after, f"to {x}"))


def integrity(path: Path) -> str:
    with closing(sqlite3.connect(path)) as raw:
        return str(raw.execute("PRAGMA integrity_check").fetchone()[0])


def limit_pages(store: ProjectStore) -> None:
    """From now on the file may not grow, as on a full disk."""

    def cap(connection: Any, _record: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    store._database.engine.dispose()
    event.listen(store._database.engine, "connect", cap)


def fill(store: ProjectStore) -> None:
    for number in range(2000):
        move(store, 2, number + 1)


def test_a_full_disk_says_so_and_changes_nothing(store: ProjectStore) -> None:
    move(store, 1, 1)
    kept, entries = store.annotations.get(1), len(store.ledger.entries())
    limit_pages(store)
    with pytest.raises(
        StoreWriteError, match=r"show\.annotator could not be saved: the disk is full\. Free some"
    ):
        fill(store)
    assert store.annotations.get(1) == kept
    written = len(store.ledger.entries())
    assert written >= entries
    assert store.annotations.get(2) == store.annotations.at(
        2, store.ledger.entries(2)[-1].id if store.ledger.entries(2) else 0
    )
    with pytest.raises(StoreWriteError, match="disk is full"):
        store.previews.save(1, bytes(1_000_000))
    store.close()
    assert integrity(store.path) == "ok"
    with ProjectStore.open(store.path) as again:
        assert move(again, 1, 5) > 0


def test_a_project_opened_for_reading_refuses_every_write(store: ProjectStore) -> None:
    move(store, 1, 1)
    with ProjectStore.open(store.path, read_only=True) as reader:
        assert reader.read_only
        assert reader.annotations.get(1) == store.annotations.get(1)
        with pytest.raises(StoreWriteError, match="reading only"):
            move(reader, 1, 2)
    assert store.annotations.get(1).xy[0, 0] == 1


HOLD = (
    "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); c.execute('BEGIN IMMEDIATE')\n"
    "print('held', flush=True); sys.stdin.read()"
)


def test_another_program_holding_the_file_is_named(
    store: ProjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_MS", 1)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(store.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        who = (
            rf"python.* \(process {holder.pid} on {socket.gethostname()}\)"
            if LISTS_LOCKS
            else "another program"
        )
        with store.again(busy_ms=1) as other, pytest.raises(BusyError, match=rf"show\.annotator .*{who}"):
            move(other, 1, 1)
    finally:
        holder.communicate("")
    assert move(store, 1, 2) > 0


def _try_to_write(path: Path, answer: Connection) -> None:
    """As somebody without rights to the folder: read, try to write, tell."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        os.setuid(65534)
    with ProjectStore.open(path) as store:
        try:
            move(store, 1, 2)
            message = "it was written"
        except StoreWriteError as error:
            message = str(error)
        answer.send((store.read_only, store.annotations.get(1).to_blob(), message))


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that anybody may enter; pytest's own are private."""
    folder = Path(tempfile.mkdtemp(prefix="annotator-readonly-"))
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="folder permissions are of another kind there")
def test_a_read_only_folder_opens_for_reading(
    public_folder: Path, scheme: LandmarkScheme, store: ProjectStore
) -> None:
    path = public_folder / "show.annotator"
    move(store, 1, 1)
    store.close()
    shutil.copy(store.path, path)
    path.chmod(0o444)
    public_folder.chmod(0o555)
    ours, theirs = CONTEXT.Pipe()
    child = CONTEXT.Process(target=_try_to_write, args=(path, theirs))
    child.start()
    theirs.close()
    read_only, points, message = ours.recv()
    child.join()
    with ProjectStore.open(store.path) as original:
        assert points == original.annotations.get(1).to_blob()
    assert read_only
    assert "read-only" in message
    assert sorted(item.name for item in public_folder.iterdir()) == ["show.annotator"]


def _edit_until_killed(path: Path, cycle: int, tell: Connection) -> None:
    """Commit edit after edit and tell of each one only once it is committed."""
    with ProjectStore.open(path) as store:
        number = 0
        while True:
            number += 1
            frame_id = 1 + number % 4
            before = store.annotations.get(frame_id)
            x = float(1000 * cycle + number)
            after, _ = edits.apply(edits.move([number % 5], [[x, -x]]), before)
            tell.send(
                (store.annotations.commit(Change(frame_id, before, after, "edit")), frame_id, number % 5, x)
            )


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills by signal 9")
def test_no_released_edit_is_lost_to_kill_9(store: ProjectStore) -> None:
    chance = random.Random(7)
    path, reported = store.path, {}
    store.close()
    for cycle in range(1, CYCLES + 1):
        ours, theirs = CONTEXT.Pipe(duplex=False)
        child = CONTEXT.Process(target=_edit_until_killed, args=(path, cycle, theirs))
        child.start()
        theirs.close()
        for _ in range(chance.randint(1, 12)):
            key, *edit = ours.recv()
            reported[key] = edit
        ours.poll(chance.random() * 0.004)  # somewhere in the middle of a later edit
        child.kill()
        child.join()
        reported.update((key, edit) for key, *edit in _rest(ours))
        _check(path, reported)
    assert len(reported) > CYCLES
    assert integrity(path) == "ok"


def _rest(pipe: Connection) -> Iterator[Any]:
    """What a dead child had still reported; small messages are written whole or not at all."""
    try:
        while True:
            yield pipe.recv()
    except EOFError:
        pipe.close()


def _check(path: Path, reported: dict[int, list[Any]]) -> None:
    with ProjectStore.open(path) as store:
        entries = {entry.id: entry for entry in store.ledger.entries()}
        for key, (frame_id, landmark, x) in reported.items():
            entry = entries[key]
            assert (entry.frame_id, entry.indices.tolist(), entry.to_xy.tolist()) == (
                frame_id,
                [landmark],
                [[x, -x]],
            )
        for frame_id in range(1, 5):
            mine = [entry.id for entry in entries.values() if entry.frame_id == frame_id]
            expected = store.annotations.at(frame_id, mine[-1]) if mine else Annotation.empty(store.scheme)
            assert store.annotations.get(frame_id) == expected
