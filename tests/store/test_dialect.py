"""What another database than SQLite would need anew is in few places."""

import re
from pathlib import Path

STORE = Path(__file__).resolve().parents[2] / "annotator" / "store"
OWN = re.compile(r"sqlalchemy\.dialects|exec_driver_sql|PRAGMA|^import sqlite3", re.MULTILINE)


def test_statements_of_one_database_stand_in_one_file() -> None:
    odd = {path.relative_to(STORE).as_posix() for path in STORE.rglob("*.py") if OWN.search(path.read_text())}
    files = {name for name in odd if name.startswith("file/")}
    # the counts are plain SQL text of `file/triggers.py`; copies are made of files
    assert odd - files == {"dialect.py", "frames.py", "project_store.py"}
