"""A program dies with work in its log, and another file is put in the place of its project: neither spoils the other."""

import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from store_helpers import frame

from annotator.domain import edits
from annotator.domain.scheme import LandmarkScheme
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore

WORK = (
    "import os, signal, sys; from pathlib import Path; from annotator.store.project_store import ProjectStore\n"
    "store = ProjectStore.open(Path(sys.argv[1]))\n"
    "for number in range(int(sys.argv[2])): store.previews.save(1 + number % 4, bytes([number % 256]) * 9000)\n"
    "os.kill(os.getpid(), signal.SIGKILL)"
)
pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kills by signal 9")


def move(store: ProjectStore, x: float) -> None:
    before = store.annotations.get(1)
    after = edits.apply(edits.move([0], [[x, x]]), before)[0]
    store.annotations.commit(Change(1, before, after, f"to {x}"))


def places(path: Path) -> list[float]:
    with ProjectStore.open(path) as store:
        found = [float(entry.to_xy[0, 0]) for entry in store.ledger.entries()]
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    return found


def die_at_work(path: Path, writes: int = 20) -> None:
    subprocess.run([sys.executable, "-c", WORK, str(path), str(writes)], check=False)
    assert path.with_name(f"{path.name}-wal").stat().st_size


@pytest.mark.parametrize("kind", ["older", "foreign", "foreign with a longer life"])
def test_a_file_that_was_put_there_opens_as_it_is(
    store: ProjectStore, scheme: LandmarkScheme, tmp_path: Path, kind: str
) -> None:
    path, copy = store.path, tmp_path / "copy.annotator"
    move(store, 1)
    store.copy_to(copy)
    move(store, 2)
    store.close()
    if kind != "older":
        copy.unlink()
        with ProjectStore.create(copy, scheme, tmp_path) as other:
            other.frames.add([frame(f"zoe/{number}.jpg", "zoe") for number in range(50)])
            for number in range(60 if "longer" in kind else 1):
                move(other, number)
    wanted = places(copy)
    die_at_work(path)
    shutil.copyfile(copy, path)
    assert places(path) == wanted
    assert path.with_name("show.annotator-wal.stray").stat().st_size
    with ProjectStore.open(path) as again:
        assert again.stray_log is None
        move(again, 99)
    assert places(path) == [*wanted, 99]


def test_a_log_of_the_file_itself_is_never_put_aside(store: ProjectStore) -> None:
    path = store.path
    for number in range(6):
        with ProjectStore.open(path) as own:
            assert own.stray_log is None
            move(own, number)
            if number == 3:
                own.fold()
        store.close()
        die_at_work(path, 1 + 17 * number)
    assert places(path) == list(range(6))
    assert not list(path.parent.glob("*.stray*"))
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT count(*) FROM preview").fetchone() == (4,)
