"""Any value in any column: reading raises nothing but `AnnotatorError`, the rest of the project is read, and edits go on."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from consensus_values import together
from store_helpers import make_proposal, small_project

from annotator.domain.annotation import Annotation, LandmarkState, ReviewState
from annotator.domain.errors import AnnotatorError, ProjectError
from annotator.domain.model_card import ModelCard
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.uncertainty import Question
from annotator.store.change_log import ChangeLog
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore
from annotator.store.tables import metadata

_VALUES = ["abc", b"\xff" * 500, -1, 2**62, float("inf")]
"""`annotator bench mutations` tries many more."""
_COLUMNS = [(table.name, column.name) for table in metadata.sorted_tables for column in table.c]


@pytest.fixture(scope="module")
def made_full(tmp_path_factory: pytest.TempPathFactory, scheme: LandmarkScheme) -> Path:
    """What `full` is a copy of."""
    with small_project(tmp_path_factory.mktemp("full"), scheme) as store:
        for name in ("a", "b"):
            store.models.add(ModelCard(name, scheme.id, {}), store.path.parent / name)
            store.models.activate(name)
        store.models.activate("a")
        for frame_id in (1, 2):
            store.proposals.save(frame_id, make_proposal(scheme, "a"))
        _edit(store, 1)
        _edit(store, 2)
        store.consensus.save_all((frame_id, together(scheme, model="a")) for frame_id in (1, 2))
        store.previews.save(1, b"\xff\xd8")
        store.settings.set("view", [1])
    with closing(sqlite3.connect(store.path)) as file, file:
        file.execute("INSERT OR IGNORE INTO finding VALUES (1, 'a', 1, 0.5, -1, x'00000000003f01')")
    return store.path


@pytest.fixture
def full(tmp_path: Path, made_full: Path) -> Path:
    """A project with something in every table."""
    return Path(shutil.copyfile(made_full, tmp_path / made_full.name))


def _edit(store: ProjectStore, frame_id: int) -> None:
    before = Annotation.empty(store.scheme)
    xy, state = before.xy.copy(), before.state.copy()
    xy[0], state[0] = (5, 6), LandmarkState.CORRECTED
    after = replace(before, xy=xy, state=state, review=ReviewState.NEEDS_WORK)
    store.annotations.commit(Change(frame_id, before, after, "Move"))


def _damage(path: Path, table: str, column: str, value: object) -> bool:
    """Put a value into every row of a column; False where SQLite itself will not have it."""
    with closing(sqlite3.connect(path)) as file:
        for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            file.execute(f"DROP TRIGGER {name}")
        try:
            file.execute(
                f'UPDATE "{table}" SET "{column}" = ? WHERE rowid = (SELECT min(rowid) FROM "{table}")',
                (value,),
            )
        except sqlite3.OperationalError:  # a table without row ids
            with suppress(sqlite3.Error):
                file.execute(f'UPDATE "{table}" SET "{column}" = ?', (value,))
        except sqlite3.Error:
            return False
        file.commit()
    return True


def _read_everything(store: ProjectStore) -> None:
    listed = store.frames.list()
    reads: list[Callable[[], object]] = [
        lambda: [summary.frame.name for summary in listed],
        lambda: [listed.reviews.max(), listed.human.max(), np.nanmax(listed.confidence)],
        store.frames.facets,
        store.frames.by_path,
        lambda: dict(store.annotations.items()),
        store.ledger.entries,
        store.models.all,
        store.models.active,
        store.models.active_id,
        store.models.history,
        lambda: dict(store.proposals.items([1, 2, 3, 4], "a")),
        lambda: store.proposals.usable(1, "a"),
        lambda: store.proposals.confidences("a"),
        lambda: dict(store.proposals.own_items([1, 2], "a")),
        lambda: dict(store.consensus.items([1, 2], "a")),
        lambda: store.consensus.get(1, "a"),
        lambda: store.consensus.frame_ids("a"),
        lambda: [store.findings.top(question, "a", 50) for question in Question],
        lambda: [store.findings.get(1, "a", question) for question in Question],
        lambda: store.findings.rescore(store.findings.annotated()),
        store.findings.outdated,
        lambda: [store.coverage.rows(name) for name in ("subject", "take", "camera")],
        lambda: store.coverage.least_covered(9),
        lambda: store.settings.get("view"),
        lambda: store.previews.get(1),
        lambda: list(store.frames.of_ids([1, 2, 3, 4])),
    ]
    for read in reads:
        read()
    for strict in (
        lambda: store.annotations.get(1),
        lambda: store.proposals.get(1, "a"),
        lambda: store.annotations.at(1, 1),
        lambda: store.frames.summary(1),
    ):
        with suppress(ProjectError):
            strict()
    log = ChangeLog(store.path)
    log.look()
    log.close()


@pytest.mark.parametrize(("table", "column"), _COLUMNS)
def test_a_damaged_column_costs_no_more_than_itself(full: Path, table: str, column: str) -> None:
    sound = full.read_bytes()
    for value in _VALUES:
        full.write_bytes(sound)
        if not _damage(full, table, column, value):
            continue
        try:
            opened = ProjectStore.open(full)
        except AnnotatorError:
            assert table == "project"
            continue
        with opened as store:
            _read_everything(store)
            if (table, column) not in {("frame", "id"), ("frame", "path"), ("annotation", "frame_id")}:
                _edit(store, 2)  # the second row is sound


def test_what_is_left_out_is_told_once(full: Path) -> None:
    _damage(full, "annotation", "points", b"\x01")
    _damage(full, "proposal", "arrays", b"\x01\x02")
    _damage(full, "model", "card_toml", "id = 1979-05-27")
    with ProjectStore.open(full) as store:
        told: list[str] = []
        store.left_out.tell = told.append
        for _ in range(3):
            _read_everything(store)
        assert len(told) == len(set(told))
        for words in ("annotation of frame 1", "proposal of a", "record of the model"):
            assert any(words in text for text in told)
        assert set(dict(store.annotations.items())) == {2}
        assert [known.id for known in store.models.all()] == ["b"]


def test_a_damaged_proposal_keeps_no_edit_from_the_disk(full: Path) -> None:
    _damage(full, "proposal", "arrays", b"\x01\x02")
    with ProjectStore.open(full) as store:
        before = store.annotations.get(1)
        after = replace(before, review=ReviewState.APPROVED)
        assert store.annotations.commit(Change(1, before, after, "Approve"))
        assert store.annotations.get(1).review is ReviewState.APPROVED


def test_nothing_is_written_over_a_damaged_annotation(full: Path) -> None:
    _damage(full, "annotation", "points", b"\x01")
    with ProjectStore.open(full) as store:
        with pytest.raises(ProjectError, match="annotation of frame 1"):
            _edit(store, 1)
        _edit(store, 2)
    with closing(sqlite3.connect(full)) as file:
        assert file.execute("SELECT points FROM annotation WHERE frame_id = 1").fetchone() == (b"\x01",)


def test_a_broken_name_in_the_schema_is_a_clear_error(full: Path) -> None:
    data = full.read_bytes()
    at = data.index(b"CREATE TABLE annotation")
    full.write_bytes(data[: at + 14] + b"\xef\xe0\xff" + data[at + 17 :])
    with pytest.raises(AnnotatorError, match=r"cannot be read|could not be saved|damaged"):
        ProjectStore.open(full).close()
