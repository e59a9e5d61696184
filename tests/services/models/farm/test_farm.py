"""Side files of many machines come to the same as one process, and nothing wrong gets in."""

import os
import subprocess
import sys
from pathlib import Path

import farm_worker
import pytest
from farm_worker import PixelModel, held, make

from annotator.domain.errors import AnnotatorError, FormatError
from annotator.services.models.farm.merge_shards import merge_shards
from annotator.services.models.farm.propose_shard import BLOCK, Shard, propose_shard
from annotator.services.models.propose import propose_project
from annotator.store.project_store import ProjectStore

pytest.importorskip("pyarrow")


def start(project: Path, shard: str, out: Path, *kill: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, farm_worker.__file__, str(project), shard, str(out), *kill]
    paths = os.pathsep.join([str(Path(__file__).parents[4]), *sys.path])
    return subprocess.Popen(command, env=os.environ | {"PYTHONPATH": paths})


def shard(store: ProjectStore, out: Path, text: str = "1/1", **options: bool) -> int:
    ids = store.frames.list().ids.tolist()
    return propose_shard(store, PixelModel(store.scheme), ids, Shard.parse(text), out, **options).proposed


@pytest.mark.slow
def test_four_processes_with_one_killed_are_one_process_bit_for_bit(tmp_path: Path) -> None:
    project, alone, out = make(tmp_path, 200), make(tmp_path, 200, "alone"), tmp_path / "farm"
    with ProjectStore.open(alone) as store:
        propose_project(store, PixelModel(store.scheme))
        expected = held(store)
    killed = start(project, "2/4", out, "20")
    others = [start(project, f"{number}/4", out) for number in (1, 3, 4)]
    assert killed.wait(120) == -9
    assert [process.wait(120) for process in others] == [0, 0, 0]
    with ProjectStore.open(project) as store:
        assert not held(store), "shards write nothing into the project"
        merge_shards(store, out)
        assert 0 < len(held(store)) < 200
        before = {file: file.stat().st_mtime_ns for file in out.iterdir()}
        assert start(project, "2/4", out).wait(120) == 0
        assert all(file.stat().st_mtime_ns == at for file, at in before.items()), (
            "what was done is not done again"
        )
        merge_shards(store, out)
        assert held(store) == expected
        again = merge_shards(store, out)
        assert (again.merged, again.known, again.refused) == (0, 200, {})
        assert held(store) == expected


@pytest.mark.parametrize("count", [1, 3, 7])
def test_shards_part_the_frames(count: int) -> None:
    ids = list(range(100))
    parts = [i for n in range(count) for block in Shard(n + 1, count).blocks(ids) for i in block]
    assert sorted(parts) == ids


@pytest.mark.parametrize("text", ["0/4", "5/4", "a/b", "3", "-1/2", ""])
def test_a_wrong_shard_is_refused(text: str) -> None:
    with pytest.raises(AnnotatorError, match="3/20"):
        Shard.parse(text)


def test_a_picture_that_changed_is_refused_and_proposed_anew(tmp_path: Path) -> None:
    project, out = make(tmp_path, BLOCK + 4), tmp_path / "farm"
    with ProjectStore.open(project) as store:
        assert shard(store, out) == BLOCK + 4
        (tmp_path / "anna/0000.jpg").write_bytes((tmp_path / "anna/0001.jpg").read_bytes())
        summary = merge_shards(store, out)
        assert list(summary.refused) == ["anna/0000.jpg"]
        assert summary.merged == BLOCK + 3
        assert shard(store, out) == BLOCK, "the block of the changed picture, and no other"
        assert merge_shards(store, out).merged == 1
        (tmp_path / "anna/0002.jpg").unlink()
        assert merge_shards(store, out).unseen == 1


def test_another_models_files_are_refused_by_name(tmp_path: Path) -> None:
    project, out = make(tmp_path, 4), tmp_path / "farm"
    with ProjectStore.open(project) as store:
        other = PixelModel(store.scheme, sha256="cd" * 32)
        propose_shard(store, other, [1, 2], Shard(1, 1), out)
        (name,) = (file.name for file in out.iterdir())
        summary = merge_shards(store, out)
        assert "weights differ" in summary.refused[name]
        assert not held(store)


def test_what_is_no_side_file_is_refused_and_the_rest_is_taken(tmp_path: Path) -> None:
    project, out = make(tmp_path, 4), tmp_path / "farm"
    with ProjectStore.open(project) as store:
        with pytest.raises(FormatError, match="no side files"):
            merge_shards(store, tmp_path)
        shard(store, out)
        (whole,) = out.iterdir()
        (out / "half.parquet").write_bytes(whole.read_bytes()[:-200])
        (out / "none.parquet").write_bytes(b"nothing")
        summary = merge_shards(store, out)
        assert set(summary.refused) == {"half.parquet", "none.parquet"}
        assert summary.merged == 4


def test_frames_that_the_project_lacks_are_named(tmp_path: Path) -> None:
    project, less, out = make(tmp_path, 6), make(tmp_path, 4, "less"), tmp_path / "farm"
    with ProjectStore.open(project) as store:
        shard(store, out)
    with ProjectStore.open(less) as store:
        summary = merge_shards(store, out)
        assert set(summary.refused) == {"anna/0004.jpg", "anna/0005.jpg"}
        assert summary.merged == 4


def test_blocks_that_the_project_has_are_passed_over(tmp_path: Path) -> None:
    project, out = make(tmp_path, 4), tmp_path / "farm"
    with ProjectStore.open(project) as store:
        propose_project(store, PixelModel(store.scheme))
        assert shard(store, out) == 0
        assert shard(store, out, again=True) == 4
