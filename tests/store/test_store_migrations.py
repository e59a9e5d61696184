"""Older files are migrated after a backup, newer and foreign ones are refused and left as they are."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from annotator.domain.annotation import LandmarkState, ReviewState
from annotator.domain.assignment import Share, Span
from annotator.domain.errors import ProjectError
from annotator.domain.uncertainty import Question
from annotator.store.file import migrations
from annotator.store.file.errors import StoreWriteError
from annotator.store.history.changes import Origin
from annotator.store.lists.frame_filter import FrameFilter
from annotator.store.project_store import ProjectStore

DATA = Path(__file__).parent / "data"
NOW = migrations.VERSION
NOTE = ["CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT)", "INSERT INTO note VALUES (1, 'from before')"]
STEPS = {**migrations.STEPS, NOW: NOTE}
"""The steps of a version to come."""


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as raw:
        return int(raw.execute("PRAGMA user_version").fetchone()[0])


def test_a_new_project_has_the_newest_version(store: ProjectStore) -> None:
    assert version(store.path) == migrations.VERSION
    assert migrations.migrate(store.path, migrations.VERSION) is None


@pytest.mark.parametrize("number", range(1, migrations.VERSION + 1))
def test_a_stored_file_of_every_version_opens(number: int, tmp_path: Path) -> None:
    path = tmp_path / "old.annotator"
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript((DATA / f"version_{number}.sql").read_text(encoding="utf-8"))
    with ProjectStore.open(path) as store:
        assert store.scheme.id == "five@1"
        assert [row.frame.path for row in store.frames.list()] == ["ada/left/9.jpg", "ada/left/10.jpg"]
        value = store.annotations.get(1)
        assert value.xy[[1, 4]].tolist() == [[10.5, 20.25], [3, 4]]
        assert value.state[1] == LandmarkState.CORRECTED
        assert value.review is ReviewState.APPROVED
        assert [entry.label for entry in store.ledger.entries(1)] == ["Move 2 landmarks", "Frame approved"]
        assert store.models.active() is not None
        proposal = store.proposals.get(2, "first")
        assert proposal is not None
        assert proposal.confidence.tolist() == [0.75] * 5
    assert version(path) == migrations.VERSION


def test_an_older_file_is_migrated_after_a_backup(store: ProjectStore) -> None:
    store.settings.set("kept", 1)
    backup = migrations.migrate(store.path, NOW, STEPS)
    assert backup == store.path.with_name(f"show.annotator.backup-v{NOW}")
    assert (version(store.path), version(backup)) == (NOW + 1, NOW)
    with closing(sqlite3.connect(backup)) as raw:
        assert raw.execute("SELECT value FROM setting WHERE key = 'kept'").fetchall() == [("1",)]
        assert raw.execute("SELECT name FROM sqlite_master WHERE name = 'note'").fetchall() == []
    with closing(sqlite3.connect(store.path)) as raw:
        assert raw.execute("SELECT text FROM note").fetchall() == [("from before",)]


def test_a_later_backup_never_replaces_an_earlier_one(store: ProjectStore) -> None:
    taken = store.path.with_name(f"show.annotator.backup-v{NOW}")
    taken.write_bytes(b"precious")
    backup = migrations.migrate(store.path, NOW, STEPS)
    assert backup == store.path.with_name(f"show.annotator.backup-v{NOW}-2")
    assert taken.read_bytes() == b"precious"


def test_a_migration_that_fails_leaves_the_file_at_its_version(store: ProjectStore) -> None:
    broken = {**STEPS, NOW: [*NOTE, "INSERT INTO nowhere VALUES (1)"]}
    with pytest.raises(StoreWriteError):
        migrations.migrate(store.path, NOW, broken)
    assert version(store.path) == NOW
    with closing(sqlite3.connect(store.path)) as raw:
        assert raw.execute("SELECT name FROM sqlite_master WHERE name = 'note'").fetchall() == []


def test_a_newer_file_is_refused_and_untouched(store: ProjectStore) -> None:
    store.close()
    with closing(sqlite3.connect(store.path)) as raw:
        raw.execute("PRAGMA user_version = 99")
    content = store.path.read_bytes()
    with pytest.raises(ProjectError, match=r"newer Annotator \(schema 99"):
        ProjectStore.open(store.path)
    assert store.path.read_bytes() == content
    assert list(store.path.parent.glob("*backup*")) == []


def test_a_foreign_file_is_refused_and_untouched(tmp_path: Path) -> None:
    text, database, empty = tmp_path / "a.annotator", tmp_path / "b.annotator", tmp_path / "c.annotator"
    text.write_text("not a database, though long enough to look like one")
    empty.touch()
    with closing(sqlite3.connect(database)) as raw:
        raw.execute("CREATE TABLE mine (x)")
    for path in (text, database, empty):
        content = path.read_bytes()
        with pytest.raises(ProjectError, match="not an Annotator project"):
            ProjectStore.open(path)
        assert path.read_bytes() == content


def test_a_damaged_file_is_refused(store: ProjectStore) -> None:
    store.close()
    content = bytearray(store.path.read_bytes())
    content[4096:] = b"\x55" * (len(content) - 4096)
    store.path.write_bytes(content)
    with pytest.raises(ProjectError):
        ProjectStore.open(store.path)


def test_entries_of_an_older_file_get_the_origin_that_they_have(tmp_path: Path) -> None:
    """A person's own edit keeps its origin, whatever it is called."""
    path = tmp_path / "old.annotator"
    rows = [
        ("Import coco annotations", 0.0, None, Origin.IMPORT),
        ("Undo import coco annotations", 0.0, None, Origin.TAKE_BACK),
        ("Redo import coco annotations", 0.0, None, Origin.TAKE_BACK),
        ("Convert from studio-89@1", 0.0, None, Origin.IMPORT),
        ("Import coco annotations", 3.5, "first", Origin.PERSON),
        ("Undo move 2 landmarks", 0.0, "first", Origin.PERSON),
    ]
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript((DATA / "version_2.sql").read_text(encoding="utf-8"))
        for label, seconds, model, _ in rows:
            raw.execute(
                "INSERT INTO correction (frame_id, at, user, label, seconds, model_id, indices, before, after, "
                "review_before, review_after) VALUES (1, '2026-11-21T14:00:00.000+00:00', 'ann', ?, ?, ?, x'', x'', x'', 0, 0)",
                (label, seconds, model),
            )
        raw.commit()
    with ProjectStore.open(path) as store:
        found = [entry.origin for entry in store.ledger.entries()]
    assert found == [Origin.PERSON, Origin.PERSON, *(origin for *_, origin in rows)]
    with closing(sqlite3.connect(path)) as raw, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        raw.execute("UPDATE correction SET origin = 0")


def test_the_first_version_gets_its_coverage_and_its_findings(tmp_path: Path) -> None:
    path = tmp_path / "old.annotator"
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript((DATA / "version_1.sql").read_text(encoding="utf-8"))
    with ProjectStore.open(path) as store:
        assert store.frames.facets() == {"subject": ["ada"], "take": ["t1"], "camera": ["left"]}
        (ada,) = store.coverage.rows("subject")
        assert (ada.frames, ada.touched) == (2, 1)
        assert store.findings.outdated() == [(2, "first")]
        store.findings.rescore(store.findings.outdated())
        assert store.findings.outdated() == []
        (entry,) = store.findings.top(Question.UNCERTAIN, "first", 10)
        assert entry.frame.id == 2
        assert entry.finding.score == pytest.approx(5 * 0.25)  # five landmarks at 0.75


def test_a_project_of_schema_7_gets_people_and_notes_of_models_with_a_backup(tmp_path: Path) -> None:
    path = tmp_path / "old.annotator"
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript((DATA / "version_7.sql").read_text(encoding="utf-8"))
    with ProjectStore.open(path) as store:
        assert store.backup == path.with_name("old.annotator.backup-v7")
        assert (version(path), version(store.backup)) == (NOW, 7)
        assert (store.assignments.all(), store.decisions.all()) == ([], [])
        assert [known.note for known in store.models.all()] == [""]
        store.assignments.assign([Share(Span.SUBJECT, "ada")], ["ann"])
        assert [row.frame.subject for row in store.frames.list(where=FrameFilter(person="ann"))] == [
            "ada"
        ] * 2


def test_a_project_of_schema_8_keeps_who_does_what(tmp_path: Path) -> None:
    path = tmp_path / "kept.annotator"
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript((DATA / "version_8.sql").read_text(encoding="utf-8"))
    with ProjectStore.open(path) as store:
        assert [each.people for each in store.assignments.all()] == [("ann",), ("ben", "cem")]
        assert [each.took for each in store.decisions.all()] == ["mine"]
        assert [known.note for known in store.models.all()] == ["made before lunch"]
