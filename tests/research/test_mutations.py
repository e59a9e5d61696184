"""Damaged inputs: the same seed makes the same ones, each end is told from the others, and a slice of them does no harm."""

import json
import os
import signal
import sys
from pathlib import Path

import numpy as np
import pytest

from annotator.domain.errors import AnnotatorError, FormatError
from annotator.research.bench.mutations.mutate import mutate, mutate_rows, mutate_table, mutate_text
from annotator.research.bench.mutations.run import BAD, Maker, bench_mutations
from annotator.research.bench.mutations.seeds import make_project
from annotator.research.bench.mutations.worker import read_in_fork

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks and limits of processes are Linux's")


def test_the_same_seed_makes_the_same_damage(tmp_path: Path) -> None:
    made = []
    for name in ("a", "b"):
        maker = Maker(tmp_path / name, 5, ["annotations", "schemes", "frames"])
        made.append([])
        for number in range(12):
            with maker.made(number) as damaged:
                made[-1].append((damaged.kind, damaged.path.name, damaged.path.read_bytes()))
    assert [item[:2] for item in made[0]] == [item[:2] for item in made[1]]
    same = [one[2] == other[2] for one, other in zip(*made, strict=True) if one[0] != "annotations"]
    assert all(same)  # an exported file holds the time when it was written


def test_every_way_of_damage_changes_something() -> None:
    random = np.random.default_rng(0)
    data = json.dumps({"a": [1, 2, {"b": "c"}], "d": {"e": 1.5}}).encode()
    assert sum(mutate(data, [b"other"], random) != data for _ in range(50)) > 40
    assert sum(mutate_text(data, random) != data for _ in range(50)) > 25
    tables = [mutate_table(data.decode(), True, random) for _ in range(50)]
    assert sum(table is not None and json.loads(table) != json.loads(data) for table in tables) > 30


def test_rows_are_damaged_in_place(tmp_path: Path) -> None:
    path = make_project(tmp_path)
    before = path.read_bytes()
    mutate_rows(path, np.random.default_rng(3))
    assert path.read_bytes() != before


def _fine(_path: Path) -> None:
    pass


def _told(_path: Path) -> None:
    raise FormatError("in plain words")


def _fails(_path: Path) -> None:
    raise KeyError("a fault")


def _reported(_path: Path) -> None:
    sys.excepthook(ValueError, ValueError("in a slot"), None)  # type: ignore[call-arg]


def _crashes(_path: Path) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def _takes_memory(_path: Path) -> None:
    bytearray(16 << 30)


@pytest.mark.parametrize(
    ("read", "outcome"),
    [
        (_fine, "fine"),
        (_told, "told"),
        (_fails, "traceback"),
        (_reported, "traceback"),
        (_crashes, "crash"),
        (_takes_memory, "memory"),
    ],
)
def test_every_end_is_told_from_the_others(tmp_path: Path, read: object, outcome: str) -> None:
    answer = read_in_fork(read, tmp_path)  # type: ignore[arg-type]
    assert answer["outcome"] == outcome


def test_a_slice_of_the_damage_does_no_harm_and_a_run_goes_on(tmp_path: Path) -> None:
    kinds = ["frames", "annotations", "schemes", "projects"]
    first = bench_mutations(40, 11, kinds, tmp_path / "out")
    assert first["inputs"] == 40
    assert first["bad"] == dict.fromkeys(BAD, 0)
    lines = (tmp_path / "out" / "results.jsonl").read_text("utf-8").splitlines()
    again = bench_mutations(44, 11, kinds, tmp_path / "out")
    assert again["inputs"] == 44
    assert (tmp_path / "out" / "results.jsonl").read_text("utf-8").splitlines()[: len(lines)] == lines


def test_a_kind_that_there_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AnnotatorError, match="choose of frames"):
        bench_mutations(1, 0, ["pictures"], tmp_path)
