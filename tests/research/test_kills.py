"""What is killed at any of its writes leaves old or new, and nothing between."""

from pathlib import Path

import pytest

from annotator.domain.errors import AnnotatorError
from annotator.research.bench.kills import matrix, projects
from annotator.research.bench.kills.matrix import OPERATIONS, Operation, kill_matrix

FEW = ("first import", "edit", "cameras that agree", "migration", "export csv", "export pts", "report")


@pytest.mark.parametrize("name", FEW)
def test_a_few_kills_leave_nothing_half_made(name: str) -> None:
    (row,) = kill_matrix((name,), most=2, seed=len(name)).rows
    assert row.bad == ()
    assert (row.kills, row.full) == (2, 2)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", OPERATIONS)
def test_no_kill_at_any_write_leaves_something_half_made(name: str) -> None:
    (row,) = kill_matrix((name,)).rows
    assert row.bad == ()
    assert row.kills


def careless(folder: Path) -> None:
    """Writes a file in its place."""
    (folder / "a").write_text("new and longer", encoding="utf-8")


def begun(folder: Path) -> None:
    (folder / "a").write_text("old", encoding="utf-8")


def test_a_careless_writer_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    sees = Operation(begun, careless, lambda folder: (folder / "a").read_text("utf-8"))
    monkeypatch.setitem(projects.OPERATIONS, "edit", sees)
    monkeypatch.setattr(matrix, "_context", lambda: matrix.multiprocessing.get_context("fork"))
    (row,) = kill_matrix(("edit",)).rows
    assert row.writes == 2
    assert any("neither old nor new" in wrong for wrong in row.bad)


def test_an_unknown_operation_is_told() -> None:
    with pytest.raises(AnnotatorError, match="There is no operation 'x'"):
        kill_matrix(("x",))
