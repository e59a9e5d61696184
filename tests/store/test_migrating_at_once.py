"""Several programs open an older project at the same time: one of them migrates it, and all of them open it."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from annotator.store.file import migrations

DATA = Path(__file__).parent / "data"
OPEN = (
    "import sys; from pathlib import Path; from annotator.store.project_store import ProjectStore\n"
    "print('ready', flush=True); sys.stdin.readline()\n"
    "with ProjectStore.open(Path(sys.argv[1])) as store: print(len(store.frames.list()), store.models.active().id)"
)


def older(path: Path, journal: str) -> None:
    with closing(sqlite3.connect(path)) as raw:
        raw.execute(f"PRAGMA journal_mode = {journal}")
        raw.executescript((DATA / "version_1.sql").read_text(encoding="utf-8"))


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_all_that_open_an_older_project_at_once_succeed(tmp_path: Path, journal: str) -> None:
    paths = [tmp_path / f"old-{number}.annotator" for number in range(4)]
    for path in paths:
        older(path, journal)
    programs = [
        (path, subprocess.Popen([sys.executable, "-c", OPEN, str(path)], **_PIPES))
        for path in paths
        for _ in range(3)
    ]
    for _, program in programs:
        assert program.stdout.readline() == "ready\n"
    for _, program in programs:
        program.stdin.write("go\n")
        program.stdin.flush()
    ends = [(program.communicate(), program.returncode) for _, program in programs]
    assert [(out, code) for (out, _), code in ends] == [("2 first\n", 0)] * len(programs), ends
    for path in paths:
        assert migrations.check(path) == migrations.VERSION
        assert len(list(tmp_path.glob(f"{path.name}.backup-*"))) == 1


_PIPES = {
    "stdin": subprocess.PIPE,
    "stdout": subprocess.PIPE,
    "stderr": subprocess.PIPE,
    "text": True,
}
