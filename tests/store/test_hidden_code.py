"""Triggers and views that somebody hid in a project file never run."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from store_helpers import frame

from annotator.domain.errors import ProjectError
from annotator.store.project_store import ProjectStore

HIDDEN = (
    "CREATE TRIGGER evil AFTER INSERT ON frame BEGIN DELETE FROM setting; END",
    "CREATE TRIGGER evil AFTER UPDATE ON annotation BEGIN UPDATE annotation SET review = 2; END",
    "CREATE VIEW evil AS SELECT * FROM frame",
    "CREATE VIRTUAL TABLE evil USING fts5(x)",
    "DROP TRIGGER correction_no_update; CREATE TRIGGER correction_no_update BEFORE UPDATE ON correction "
    "BEGIN DELETE FROM setting; END",
    "ALTER TABLE preview RENAME TO evil; CREATE VIEW preview AS SELECT * FROM evil",
)


@pytest.mark.parametrize("statements", HIDDEN)
@pytest.mark.parametrize("read_only", [True, False])
def test_a_project_with_foreign_code_is_refused_and_untouched(
    store: ProjectStore, statements: str, read_only: bool
) -> None:
    store.settings.set("kept", 1)
    path = store.path
    store.close()
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript(statements)
    content = path.read_bytes()
    with pytest.raises(ProjectError, match="that Annotator did not make"):
        ProjectStore.open(path, read_only)
    assert path.read_bytes() == content


def test_our_own_are_let_in(store: ProjectStore, tmp_path: Path) -> None:
    store.close()
    with ProjectStore.open(store.path) as again:
        again.frames.add([frame("ada/left/1.jpg", "ada", "left", "1")])
