"""Shards of previews come into the project as they are made, once, and only of the present files."""

from pathlib import Path

import numpy as np
import pytest
from farm_worker import PixelModel, make

from annotator.cli.main import main
from annotator.domain.faces.face_frame import frame_from_patch
from annotator.imaging.frame_pixels import pixels_of
from annotator.imaging.preview_mark import mark_of
from annotator.imaging.proxy import network_pixels
from annotator.imaging.pyramid import decode_preview
from annotator.imaging.sampling import sample
from annotator.services.models.farm.merge_shards import merge_shards
from annotator.services.models.farm.patch_file import KeptPatches
from annotator.services.models.farm.preview_shard import PREVIEWS, preview_shard
from annotator.services.models.farm.propose_shard import Shard
from annotator.services.models.propose import propose_project
from annotator.services.project.contact_sheet import SheetOrder, read_sheet
from annotator.store.frame_keys import frame_key
from annotator.store.project_store import ProjectStore

pytest.importorskip("pyarrow")


def run(project: Path, out: Path, number: int = 1, count: int = 1) -> tuple[int, int, list[str]]:
    with ProjectStore.open(project, read_only=True) as store:
        done = preview_shard(store, store.frames.list().ids.tolist(), Shard(number, count), out)
        return done.made, done.known, list(done.failures)


def test_previews_of_many_machines_come_into_the_project(tmp_path: Path) -> None:
    project, out = make(tmp_path, 40), tmp_path / "out"
    (tmp_path / "anna/0003.jpg").write_bytes(b"nothing")
    assert run(project, out, 2, 2) == (16, 0, [])
    assert run(project, out, 1, 2) == (23, 0, ["anna/0003.jpg"])
    assert run(project, out) == (15, 24, ["anna/0003.jpg"]), "the block that lacks one is done again"
    with ProjectStore.open(project) as store:
        first, again = merge_shards(store, out), merge_shards(store, out)
        assert (first.previews, first.known, first.refused) == (39, 0, {})
        assert (again.previews, again.known) == (0, 39)
        jpeg = store.previews.get(1)
        assert jpeg is not None
        about = (tmp_path / "anna/0000.jpg").stat()
        assert mark_of(jpeg) == (about.st_size, about.st_mtime_ns)
        assert decode_preview(jpeg).shape == (24, 24, 3)


def test_a_preview_of_another_file_is_refused(tmp_path: Path) -> None:
    project, out = make(tmp_path, 4), tmp_path / "out"
    assert main(["previews", str(project), "--shard", "1/1", "--out", str(out), "--quiet"]) == 0
    (tmp_path / "anna/0001.jpg").write_bytes((tmp_path / "anna/0002.jpg").read_bytes())
    (file,) = out.glob(f"*{PREVIEWS}")
    with ProjectStore.open(project) as store:
        assert list(merge_shards(store, out).refused) == ["anna/0001.jpg"]
        assert store.previews.lacking([1, 2, 3, 4]) == [2]
        file.write_bytes(file.read_bytes()[:-20])
        assert list(merge_shards(store, out).refused) == [file.name]


def test_patches_are_cut_with_the_previews_and_found_beside_the_project(tmp_path: Path) -> None:
    project, out = make(tmp_path, 20), tmp_path / "out"
    with ProjectStore.open(project) as store:
        propose_project(store, PixelModel(store.scheme))
        name = store.scheme.names[5]
    command = ["previews", str(project), "--shard", "1/1", "--out", str(out), "--quiet", "--patches", name]
    assert main([*command[:-1], "ear"]) == 2
    assert main(command) == 0
    before = {file: file.stat().st_mtime_ns for file in out.iterdir()}
    assert main(command) == 0
    assert {file: file.stat().st_mtime_ns for file in out.iterdir()} == before, "nothing is cut twice"
    with ProjectStore.open(project) as store:
        first, again = merge_shards(store, out), merge_shards(store, out)
        assert (first.patches, first.previews, first.refused) == (20, 20, {})
        assert (again.anything, again.known) == (False, 40)
        kept = KeptPatches(project, store.scheme)
        key = frame_key(store, 3).now()
        cell = read_sheet(store, [5], SheetOrder.CAPTURE, [3]).cells[0]
        wanted = frame_from_patch(cell.xy, cell.turn, 8.0, 40)
        found = kept.find("anna/0002.jpg", 5, (key.nbytes, key.mtime_ns), wanted, 40)
        assert found is not None
        seen = sample(found[0], found[1], 40, 40).astype(float)
        exact = network_pixels(sample(pixels_of(key), wanted, 40, 40)).astype(float)
        assert np.abs(seen - exact).mean() < 6, "but for JPEG the same pixels"
        far = frame_from_patch(cell.xy + 40, cell.turn, 8.0, 40)
        assert kept.find("anna/0002.jpg", 5, (key.nbytes, key.mtime_ns), far, 40) is None
        assert kept.find("anna/0002.jpg", 5, (key.nbytes, key.mtime_ns + 1), wanted, 40) is None
        assert kept.find("anna/0002.jpg", 6, (key.nbytes, key.mtime_ns), wanted, 40) is None
        assert (
            KeptPatches(tmp_path / "other.annotator", store.scheme).find("a", 5, (0, 0), wanted, 40) is None
        )
