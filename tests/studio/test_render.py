"""Pictures and dataset folders: same seed same pixels, windows, depth, resume, formats, errors."""

import json
from dataclasses import replace

import numpy as np
import pytest

from annotator.domain.progress import silent
from annotator.studio.dataset import dataset
from annotator.studio.dataset.annotation_files import read_records
from annotator.studio.dataset.dataset import render_dataset
from annotator.studio.dataset.jobs import RenderOptions, capture_jobs, frames_of
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
    assert capture_jobs(replace(SMALL, seed=1))[0].seed != job.seed


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


def test_a_set_is_written_and_goes_on_after_a_stop(tmp_path, renderer, scheme, same_capture):
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
        assert (known["expression"], known["look"]) == ("neutral", "studio-a")
        rois, xy = records[image["file_name"]]["rois"], points[:, :2] + 0.5
        for region in scheme.regions:
            inside = xy[list(region.indices)]
            assert rois[region.name] == pytest.approx([*inside.min(0), *inside.max(0)], abs=2e-3)
        assert known["sex"] in ("female", "male")
        assert abs(known["yaw"]) < 60


def test_other_options_do_not_mix_into_a_set(tmp_path, renderer, same_capture):
    render_dataset(tmp_path, replace(SMALL, cameras="random:1"))
    with pytest.raises(StudioError, match="another folder"):
        render_dataset(tmp_path, replace(SMALL, cameras="random:1", looks=("studio-b",)))


def test_a_set_of_an_older_release_goes_on(tmp_path, renderer, same_capture):
    render_dataset(tmp_path, SMALL, stop=lambda: any(tmp_path.rglob("*.jpg")))
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    del manifest["options"]["crop_pixels"]
    manifest["options"]["truth"] = False
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    summary = render_dataset(tmp_path, SMALL)
    assert (summary.written, summary.skipped) == (1, 1)


@pytest.mark.parametrize(("name", "suffix"), [("png", ".png"), ("tiff", ".tiff"), ("exr", ".exr")])
def test_formats_hold_the_same_picture(tmp_path, renderer, same_capture, name, suffix):
    from annotator.imaging.reader import read_frame

    options = replace(SMALL, cameras="random:1", format=name)
    render_dataset(tmp_path, options)
    picture = read_frame(next(tmp_path.rglob(f"*{suffix}")))
    assert picture.shape == (256, 256, 3)
    assert picture.dtype == {"png": np.uint8, "tiff": np.uint16}.get(name, picture.dtype)
    assert float(picture.std()) > 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"size": 64}, "256..8192"),
        ({"format": "gif"}, "jpg"),
        ({"subjects": ()}, "at least one"),
        ({"crops": True, "format": "exr"}, "crops"),
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
    with pytest.raises(StudioError, match=r"annotator-landmarks\[studio\]"):
        gl_device.GlDevice()
    assert dataset.MIN_SIZE == 256
