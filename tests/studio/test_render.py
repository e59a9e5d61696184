"""Pictures and dataset folders: same seed same pixels, windows, depth, resume, formats, errors."""

import json
from dataclasses import replace

import numpy as np
import pytest

from annotator.domain.progress import silent
from annotator.imaging.opencv import cv2
from annotator.studio.dataset import dataset
from annotator.studio.dataset.annotation_files import read_records
from annotator.studio.dataset.dataset import render_dataset
from annotator.studio.dataset.jobs import RenderOptions, capture_jobs, frames_of
from annotator.studio.dataset.source import SyntheticSource
from annotator.studio.draw import gl_device
from annotator.studio.draw.gl_device import GlDevice
from annotator.studio.draw.identity_pass import draw_identity
from annotator.studio.errors import StudioError
from annotator.studio.geometry.camera import Camera
from annotator.studio.scene.looks import draw_backdrop, draw_exposure, load_look
from annotator.studio.scene.visibility import visible_landmarks

SMALL = RenderOptions((3,), ("neutral",), "pair", 256)


@pytest.fixture(scope="module")
def recorded(capture):
    look, rng = load_look("studio-a"), np.random.default_rng(1)
    return draw_backdrop(look, rng), replace(draw_exposure(look, capture.brightness, 256, rng), grain=1e-6)


def test_the_same_seed_gives_the_same_pixels(renderer, scheme):
    (job,) = capture_jobs(SMALL)
    first, again = ([f.pixels for f in frames_of(job, SMALL, scheme, renderer, {"front"})] for _ in range(2))
    np.testing.assert_array_equal(first[0], again[0])
    other = replace(SMALL, seed=1)
    (third,) = frames_of(capture_jobs(other)[0], other, scheme, renderer, {"front"})
    assert (third.pixels != first[0]).mean() > 0.5


def test_the_picture_shows_the_face_where_the_landmarks_are(renderer, capture, scheme, recorded):
    camera = Camera("c", 0, 0, size=256)
    picture = np.asarray(renderer.frame(capture, camera, *recorded))
    assert picture.shape == (256, 256, 3)
    xy, _ = camera.project(capture.landmarks)
    x, y = xy[scheme.index("nose_bridge_2")].astype(int)
    skin, wall = picture[y, x].astype(int), picture[4, 4].astype(int)
    assert skin[0] > skin[2] + 15
    assert np.abs(skin - wall).max() > 30
    x, y = xy[scheme.index("pupil_left")].astype(int)
    assert picture[y - 1 : y + 2, x - 1 : x + 2].min() < 0.6 * skin.max()


def test_a_window_is_that_part_of_the_frame(renderer, capture, recorded):
    camera = Camera("c", 12, 4, size=512)
    whole = np.asarray(renderer.frame(capture, camera, *recorded), float)
    part = np.asarray(
        renderer.frame(capture, camera, *recorded, (128.0, 192.0, 384.0, 448.0), (256, 256)), float
    )
    assert np.abs(whole[192:448, 128:384] - part)[20:-20, 20:-20].mean() < 1.0


def test_windows_drawn_at_once_are_those_drawn_one_by_one(renderer, capture, recorded):
    camera = Camera("c", 12, 4, size=512)
    boxes = [(128.0, 192.0, 320.0, 384.0), (250.0, 60.0, 410.0, 300.0)]
    together = renderer.windows(capture, camera, *recorded, boxes)
    for box, picture in zip(boxes, together, strict=True):
        size = (int(box[2] - box[0]), int(box[3] - box[1]))
        alone = np.asarray(renderer.frame(capture, camera, *recorded, box, size), float)
        assert picture.shape == alone.shape
        assert np.abs(np.asarray(picture, float) - alone).mean() < 1.0


def test_visibility_agrees_with_the_depth_buffer(renderer, capture, scheme):
    bald = replace(capture, hair=())
    agree = total = 0
    for yaw in (-60, 0, 60):
        camera = Camera("c", yaw, 0, size=512)
        drawn = draw_identity(renderer, bald, camera, (0.0, 0.0, 512.0, 512.0), (512, 512)).depth
        xy, depth = camera.project(capture.landmarks)
        cells = np.clip(xy.astype(int), 0, 511)
        by_depth = depth - drawn[cells[:, 1], cells[:, 0]] < 4.0
        by_ray = visible_landmarks(bald, camera, scheme)
        agree += int((by_depth == by_ray).sum())
        total += len(by_ray)
    assert agree / total > 0.9


def test_a_set_is_written_and_goes_on_after_a_stop(tmp_path, renderer, scheme):
    seen = []
    summary = render_dataset(tmp_path, SMALL, lambda d, t, m: seen.append((d, t)), lambda: len(seen) >= 1)
    assert summary.stopped
    assert summary.written == 1
    assert not (tmp_path / "annotations.json").exists()
    with (tmp_path / "annotations.jsonl").open("a") as lines:
        lines.write('{"file": "torn')
    first = (tmp_path / "subject_00003/neutral/front.jpg").read_bytes()
    summary = render_dataset(tmp_path, SMALL, silent)
    assert (summary.written, summary.skipped, summary.stopped) == (1, 1, False)
    assert (tmp_path / "subject_00003/neutral/front.jpg").read_bytes() == first
    assert render_dataset(tmp_path, SMALL, silent).written == 0
    _check_truth(tmp_path, scheme)


def _check_truth(folder, scheme):
    coco = json.loads((folder / "annotations.json").read_text())
    calibration = json.loads((folder / "calibration.json").read_text())
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["complete"]
    assert manifest["frames"] == len(coco["images"]) == 2
    assert coco["categories"][0]["keypoints"] == list(scheme.names)
    records = read_records(folder)
    for image, entry in zip(coco["images"], coco["annotations"], strict=True):
        assert set(calibration[image["file_name"]]) >= {"intrinsics", "camera_from_head"}
        points = np.array(entry["keypoints"]).reshape(-1, 3)
        truth = np.array(records[image["file_name"]]["xy"])
        np.testing.assert_allclose(points[:, :2], truth - 0.5, atol=1e-3)
        known = image["attributes"]
        assert known == records[image["file_name"]]["attributes"]
        assert (known["expression"], known["look"], known["mouth"]) == ("neutral", "studio-a", "closed")
        assert known["sex"] in ("female", "male")
        assert abs(known["yaw"]) < 60


def test_truth_on_disk_agrees_with_the_landmarks(tmp_path, renderer, scheme):
    out, options = tmp_path / "set", replace(SMALL, cameras="random:1", format="png", truth=True)
    render_dataset(out, options)
    manifest = json.loads((out / "manifest.json").read_text())
    classes, step = manifest["truth"]["classes"], manifest["truth"]["depth_mm_a_step"]
    (record,) = read_records(out).values()
    assert [path.relative_to(out).as_posix() for path in out.rglob("*.png")] == [record["file"]]
    folder = out / manifest["truth"]["folder"]
    identity, depth = (cv2.imread(str(folder / record["truth"][k]), -1) for k in ("id", "depth"))
    assert (identity.shape, identity.dtype, depth.dtype) == ((256, 256), np.uint8, np.uint16)
    assert set(np.unique(identity)) <= set(classes.values())
    np.testing.assert_array_equal(depth == 0, identity == classes["background"])
    index = scheme.index("nose_bridge_2")
    x, y = (int(value) for value in record["xy"][index])
    assert identity[y, x] == classes["skin"]
    (frame,) = frames_of(capture_jobs(options)[0], options, scheme, renderer)
    assert abs(depth[y, x] * step - frame.depth_mm[index]) < 2.0
    np.testing.assert_array_equal(frame.truth.depth, depth)
    for region in scheme.regions:
        x0, y0, x1, y1 = record["rois"][region.name]
        points = np.array(record["xy"])[list(region.indices)]
        assert (x0, y0, x1, y1) == pytest.approx((*points.min(0), *points.max(0)), abs=1e-3)


def test_other_options_do_not_mix_into_a_set(tmp_path, renderer):
    render_dataset(tmp_path, replace(SMALL, cameras="random:1"))
    with pytest.raises(StudioError, match="another folder"):
        render_dataset(tmp_path, replace(SMALL, cameras="random:1", looks=("studio-b",)))


@pytest.mark.parametrize(("name", "suffix"), [("png", ".png"), ("tiff", ".tiff"), ("exr", ".exr")])
def test_formats_hold_the_same_picture(tmp_path, renderer, name, suffix):
    from annotator.imaging.reader import read_frame

    options = replace(SMALL, cameras="random:1", format=name)
    render_dataset(tmp_path, options)
    picture = read_frame(next(tmp_path.rglob(f"*{suffix}")))
    assert picture.shape == (256, 256, 3)
    assert picture.dtype == {"png": np.uint8, "tiff": np.uint16}.get(name, picture.dtype)
    assert float(picture.std()) > 0


def test_rendering_while_training_reads_like_a_source(renderer):
    source = SyntheticSource(replace(SMALL, cameras="random:2"))
    assert len(source) == 2
    sample = source[1]
    assert sample.image.shape == (256, 256, 3)
    assert sample.known.sum() > 40
    assert source[1] is sample
    with pytest.raises(IndexError):
        source[2]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"size": 64}, "256..8192"),
        ({"format": "gif"}, "jpg"),
        ({"subjects": ()}, "at least one"),
        ({"crops": True, "format": "exr"}, "crops"),
        ({"crops": True, "truth": True}, "whole frames"),
        ({"crops": True, "crop_pixels": 20}, "at least 64"),
    ],
)
def test_options_that_cannot_work_are_refused(tmp_path, change, message):
    with pytest.raises(StudioError, match=message):
        render_dataset(tmp_path / "out", replace(SMALL, **change))
    assert not (tmp_path / "out").exists()


def test_missing_opengl_names_the_packages(monkeypatch):
    import moderngl

    def refuse(*_, **__):
        raise RuntimeError("libEGL.so.1 not found")

    monkeypatch.setattr(moderngl, "create_context", refuse)
    with pytest.raises(StudioError, match="libegl1 libgl1-mesa-dri"):
        GlDevice()


def test_a_missing_extra_names_the_remedy(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "moderngl", None)
    with pytest.raises(StudioError, match=r"annotator\[studio\]"):
        gl_device.GlDevice()
    assert dataset.MIN_SIZE == 256
