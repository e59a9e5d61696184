"""A local Ray cluster comes to the same as one process, also where a worker and a machine are lost; a stopped run goes on."""

import os
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import simplejpeg
from farm_worker import SIDE, PixelModel, held, load_deadly, load_nothing, load_pixels, make
from project_files import IBUG

from annotator.domain.errors import AnnotatorError
from annotator.services.models.farm.propose_ray import RayUse, propose_on_ray
from annotator.services.models.farm.propose_shard import Shard, propose_shard
from annotator.services.models.loaded_model import ModelUse
from annotator.services.models.propose import propose_project
from annotator.store.project_store import ProjectStore

ray = pytest.importorskip("ray")
pytest.importorskip("pyarrow")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
COUNT = 200


@pytest.fixture(scope="module")
def cluster():
    """A head without CPUs, and two machines with one each."""
    from ray.cluster_utils import Cluster

    patch = pytest.MonkeyPatch()
    patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    patch.setenv("RAY_worker_niceness", "0")  # 15 by itself, which a busy machine starves
    patch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parents[4]), *sys.path]))
    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "object_store_memory": 100 << 20})
    for _ in range(2):
        made.add_node(num_cpus=1, object_store_memory=100 << 20, memory=4 << 30)
    yield made
    made.shutdown()
    patch.undo()


def ids_of(store: ProjectStore) -> list[int]:
    return [int(i) for i in store.frames.list().ids]


def expected(folder: Path, count: int = COUNT) -> dict[int, bytes]:
    with ProjectStore.open(make(folder, count, "alone")) as store:
        propose_project(store, PixelModel(IBUG))
        return held(store)


def test_a_lost_worker_and_a_lost_machine_change_no_bit(tmp_path: Path, cluster) -> None:
    project, killed = make(tmp_path, COUNT), tmp_path / "killed"
    lost = cluster.add_node(num_cpus=1, object_store_memory=100 << 20, memory=4 << 30)
    told = []

    def progress(done: int, total: int, text: str) -> None:
        told.append((done, total))
        if done >= 64 and lost in cluster.worker_nodes:
            cluster.remove_node(lost, allow_graceful=False)

    with ProjectStore.open(project) as store:
        load = partial(load_pixels, IBUG, 20, killed)
        use = RayUse(cluster.address, 3)
        done = propose_on_ray(store, ModelUse("pixels"), ids_of(store), use, progress, load=load)
        assert (done.proposed, done.skipped, done.failures, done.stopped) == (COUNT, 0, [], False)
        assert held(store) == expected(tmp_path)
        again = propose_on_ray(store, ModelUse("pixels"), ids_of(store), use, load=load)
        assert (again.proposed, again.skipped) == (0, COUNT)
    assert killed.exists(), "a worker was killed"
    assert lost not in cluster.worker_nodes, "and a machine"
    assert told[0] == (0, COUNT)
    assert told[-1] == (COUNT, COUNT)
    assert not project.with_suffix(".farm").exists(), "side files are gone once they are merged"


def test_a_stopped_run_keeps_what_is_there_and_goes_on(tmp_path: Path, cluster) -> None:
    project, killed = make(tmp_path, COUNT), tmp_path / "killed"
    killed.touch()
    load, use = partial(load_pixels, IBUG, -1, killed), RayUse(cluster.address)
    seen = [0]

    def progress(done: int, total: int, text: str) -> None:
        seen[0] = done

    with ProjectStore.open(project) as store:
        first = propose_on_ray(
            store, ModelUse("pixels"), ids_of(store), use, progress, lambda: seen[0] > 0, load=load
        )
        assert first.stopped
        assert 0 < first.proposed < COUNT
        assert len(held(store)) == first.proposed, "what was there is in the project"
        rest = propose_on_ray(store, ModelUse("pixels"), ids_of(store), use, load=load)
        assert (rest.skipped, rest.proposed) == (first.proposed, COUNT - first.proposed)
        assert held(store) == expected(tmp_path)


def test_side_files_that_a_kill_left_behind_are_merged_by_the_next_call(tmp_path: Path, cluster) -> None:
    project, killed = make(tmp_path, 40), tmp_path / "killed"
    killed.touch()
    with ProjectStore.open(project) as store:
        left = project.with_suffix(".farm")
        propose_shard(store, PixelModel(IBUG), ids_of(store), Shard(1, 2), left)
        load = partial(load_pixels, IBUG, -1, killed)
        done = propose_on_ray(store, ModelUse("pixels"), ids_of(store), RayUse(cluster.address), load=load)
        assert (done.skipped, done.proposed) == (24, 16)
        assert held(store) == expected(tmp_path, 40)


def test_a_picture_that_ends_every_worker_is_given_up_and_the_rest_is_done(tmp_path: Path, cluster) -> None:
    project = make(tmp_path, 32)
    black = simplejpeg.encode_jpeg(np.zeros((SIDE, SIDE, 3), np.uint8), colorspace="RGB")
    (tmp_path / "anna/0020.jpg").write_bytes(black)
    (tmp_path / "anna/0003.jpg").write_bytes(b"nothing")
    with ProjectStore.open(project) as store:
        load, use = partial(load_deadly, IBUG), RayUse(cluster.address)
        done = propose_on_ray(store, ModelUse("pixels"), ids_of(store), use, load=load)
        assert [failure.frame_id for failure in done.failures if failure.frame_id < 17] == [4]
        ended = [failure for failure in done.failures if failure.frame_id >= 17]
        assert len(ended) == 16, "its whole block"
        assert "4 workers ended at it" in ended[0].message
        assert (done.proposed, len(held(store))) == (15, 15)


def test_what_a_worker_cannot_use_is_told_in_its_words(tmp_path: Path, cluster) -> None:
    project = make(tmp_path, 4)
    with ProjectStore.open(project) as store:
        with pytest.raises(AnnotatorError, match="no such model here"):
            propose_on_ray(
                store, ModelUse("pixels"), ids_of(store), RayUse(cluster.address), load=load_nothing
            )
        with pytest.raises(AnnotatorError, match="no GPU"):
            propose_on_ray(
                store, ModelUse("pixels", "cuda"), ids_of(store), RayUse(cluster.address), load=load_nothing
            )
        with pytest.raises(AnnotatorError, match=r"no Ray cluster at 127\.0\.0\.1:1"):
            propose_on_ray(store, ModelUse("pixels"), ids_of(store), RayUse("127.0.0.1:1"), load=load_nothing)
        assert not held(store)
