"""Sources: dataset folders finished and growing, mixtures by weight, picture reduction, batches."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import simplejpeg
import torch
from list_source import ListSource

from annotator.domain.errors import FormatError
from annotator.domain.scheme import LandmarkScheme
from annotator.training.batches import batches, collate, make_batch, side_at
from annotator.training.config import TrainingConfig
from annotator.training.dataset_folder import PictureFolder, reduced
from annotator.training.source import Mixture, Sample, pick

from .toys import toy_sample


def write_picture(folder: Path, name: str, image: np.ndarray) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(
        simplejpeg.encode_jpeg(np.ascontiguousarray(image), 95, colorsubsampling="444")
    )


def line(name: str, item: Sample, state: list[int]) -> str:
    return json.dumps({"file": name, "subject": "anna", "xy": item.xy.tolist(), "state": state}) + "\n"


def test_a_growing_folder_is_read_as_it_grows(tmp_path: Path, scheme: LandmarkScheme) -> None:
    item = toy_sample(1)
    write_picture(tmp_path, "anna/smile/c1.jpg", item.image)
    lines = tmp_path / "annotations.jsonl"
    lines.write_text(line("anna/smile/c1.jpg", item, [2, 1, 0, 2, 2]) + '{"file": "anna/smi')
    source = PictureFolder(tmp_path, scheme)
    assert len(source) == 1
    sample = source[0]
    assert sample.weight.tolist() == [1, 1, 0, 1, 1]
    np.testing.assert_allclose(sample.xy[[0, 1, 3]], item.xy[[0, 1, 3]])
    assert np.isnan(sample.xy[2]).all()
    assert sample.subject == "anna"
    write_picture(tmp_path, "bob/c2.jpg", item.image)
    lines.write_text(line("anna/smile/c1.jpg", item, [2] * 5) + line("bob/c2.jpg", item, [2] * 5))
    source.refresh()
    assert [source[i].name for i in range(2)] == ["anna/smile/c1.jpg", "bob/c2.jpg"]
    assert source.describe()["frames"] == 2


def test_coco_keypoints_are_matched_by_name_and_shifted(tmp_path: Path, scheme: LandmarkScheme) -> None:
    item = toy_sample(1)
    write_picture(tmp_path, "anna/c1.jpg", item.image)
    coco = {
        "images": [{"id": 7, "file_name": "anna/c1.jpg", "width": 96, "height": 96}],
        "categories": [{"id": 1, "name": "face", "keypoints": ["chin", "eye_left"]}],
        "annotations": [{"id": 1, "image_id": 7, "category_id": 1, "keypoints": [10, 20, 2, 30, 40, 1]}],
    }
    (tmp_path / "annotations.json").write_text(json.dumps(coco))
    sample = PictureFolder(tmp_path, scheme)[0]
    assert sample.known.tolist() == [True, False, False, False, True]
    np.testing.assert_allclose(sample.xy[[4, 0]], [[10.5, 20.5], [30.5, 40.5]])


def crop_record(item: Sample, size: int, boxes: list[list[int]]) -> dict[str, object]:
    crops = [{"file": "a/c.png", "window": [0, 0, size, size], "pixels": [24, 24]}]
    crops += [
        {"file": f"a/c_{i}.png", "window": box, "pixels": [box[2] - box[0], box[3] - box[1]]}
        for i, box in enumerate(boxes)
    ]
    xy, state = item.xy.tolist(), [2] * len(item.xy)
    return {
        "file": "a/c.png",
        "subject": "anna",
        "xy": xy,
        "state": state,
        "width": size,
        "height": size,
        "crops": crops,
    }


def test_frames_rendered_in_crops_are_whole_frames_again(tmp_path: Path, scheme: LandmarkScheme) -> None:
    item = toy_sample(1)
    size = item.image.shape[0]
    boxes = [[10, 20, 42, 60], [30, 8, 62, 40]]
    (tmp_path / "a").mkdir()
    small = cv2.resize(item.image, (24, 24), interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(tmp_path / "a/c.png"), small[..., ::-1])
    for i, (x0, y0, x1, y1) in enumerate(boxes):
        cv2.imwrite(str(tmp_path / f"a/c_{i}.png"), item.image[y0:y1, x0:x1, ::-1])
    (tmp_path / "annotations.jsonl").write_text(json.dumps(crop_record(item, size, boxes)) + "\n")
    listed = ["a/c.png", "a/c_0.png", "a/c_1.png"]
    coco = {
        "images": [{"id": i, "file_name": name, "width": 9, "height": 9} for i, name in enumerate(listed)],
        "categories": [{"id": 1, "name": "face", "keypoints": ["chin"]}],
        "annotations": [{"id": i, "image_id": i, "category_id": 1, "keypoints": [1, 2, 2]} for i in range(3)],
    }
    (tmp_path / "annotations.json").write_text(json.dumps(coco))
    source = PictureFolder(tmp_path, scheme)
    assert len(source) == 1
    np.testing.assert_allclose(source[0].xy, item.xy)
    for x0, y0, x1, y1 in boxes:
        np.testing.assert_array_equal(source[0].image[y0:y1, x0:x1], item.image[y0:y1, x0:x1])
    away = source[0].image[64:].astype(float) - item.image[64:]
    assert np.abs(away).mean() < 25
    half = PictureFolder(tmp_path, scheme, longest=size // 2)[0]
    np.testing.assert_allclose(half.xy, item.xy / 2, atol=1e-4)


def test_windows_that_do_not_fit_are_refused(tmp_path: Path, scheme: LandmarkScheme) -> None:
    item = toy_sample(1)
    size = item.image.shape[0]
    write_picture(tmp_path, "a/c.png", item.image)
    write_picture(tmp_path, "a/c_0.png", item.image[:9, :9])
    lines = tmp_path / "annotations.jsonl"
    lines.write_text(json.dumps(crop_record(item, size, [[0, 0, 8, 8]])) + "\n")
    with pytest.raises(FormatError, match="do not fit 8 x 8"):
        PictureFolder(tmp_path, scheme)[0]
    lines.write_text(json.dumps(crop_record(item, size, [[0, 0, size + 1, 8]])) + "\n")
    with pytest.raises(FormatError, match="does not lie in its frame"):
        PictureFolder(tmp_path, scheme)
    lines.write_text(json.dumps(crop_record(item, 1_000_000, [])) + "\n")
    with pytest.raises(FormatError, match="no frame of 1000000 x 1000000"):
        PictureFolder(tmp_path, scheme)
    elsewhere = json.dumps(crop_record(item, size, [])).replace("a/c.png", "../c.png")
    lines.write_text(elsewhere + "\n")
    with pytest.raises(FormatError, match="in this folder"):
        PictureFolder(tmp_path, scheme)


@pytest.mark.parametrize(
    ("content", "message"),
    [("not json\n", "line 1"), ('{"file": "a.jpg", "xy": [[1, 2]], "state": [2]}\n', "do not fit")],
)
def test_wrong_lines_are_named(tmp_path: Path, scheme: LandmarkScheme, content: str, message: str) -> None:
    (tmp_path / "annotations.jsonl").write_text(content)
    with pytest.raises(FormatError, match=message):
        PictureFolder(tmp_path, scheme)


def test_a_folder_without_annotations_is_refused(tmp_path: Path, scheme: LandmarkScheme) -> None:
    with pytest.raises(FormatError, match=r"no annotations\.json"):
        PictureFolder(tmp_path / "empty", scheme)


def test_entries_that_leave_the_folder_or_do_not_exist_are_passed_over(
    tmp_path: Path, scheme: LandmarkScheme
) -> None:
    item = toy_sample(1)
    write_picture(tmp_path, "secret.jpg", item.image)
    folder = tmp_path / "data"
    folder.mkdir()
    text = line("../secret.jpg", item, [2] * 5) + line("missing.jpg", item, [2] * 5)
    (folder / "annotations.jsonl").write_text(text)
    assert len(PictureFolder(folder, scheme)) == 0


def test_reducing_scales_each_axis_exactly() -> None:
    picture = np.zeros((301, 200, 3), np.uint8)
    small, scale = reduced(picture, 100)
    assert small.shape == (100, 66, 3)
    np.testing.assert_allclose(scale, [66 / 200, 100 / 301])
    same, one = reduced(picture, 301)
    assert same is picture
    assert one.tolist() == [1, 1]


def test_mixtures_draw_by_weight_and_pass_over_empty_sources() -> None:
    rare = ListSource([toy_sample(0)], "rare")
    common = ListSource([toy_sample(i) for i in range(1, 50)], "common")
    mixture = Mixture([(rare, 3.0), (common, 1.0), (ListSource([]), 5.0)])
    rng = np.random.default_rng(0)
    drawn = [pick(mixture, rng).name for _ in range(400)]
    assert drawn.count("toy0") / 400 == pytest.approx(0.75, abs=0.07)
    assert len(mixture) == 50
    assert mixture[0].name == "toy0"
    assert mixture[1].name == "toy1"
    assert [part["source"] for part in mixture.describe()["mixture"]] == ["rare", "common", "list"]
    with pytest.raises(IndexError):
        mixture[50]
    with pytest.raises(ValueError, match="positive"):
        Mixture([(rare, 0.0)])


def test_samples_of_wrong_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="uint8"):
        Sample(np.zeros((4, 4, 3), np.float32), np.zeros((2, 2), np.float32), np.ones(2, np.float32))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="do not agree"):
        Sample(np.zeros((4, 4, 3), np.uint8), np.zeros((3, 2), np.float32), np.ones(2, np.float32))


def test_batches_depend_on_their_number_alone(scheme: LandmarkScheme, source: ListSource) -> None:
    config = TrainingConfig("t", batch=3, source=64, workers=2)
    feed = batches(config, scheme, source, first=5)
    streamed = dict(next(feed) for _ in range(4))
    feed.close()  # type: ignore[attr-defined]
    assert list(streamed) == [5, 6, 7, 8]
    for step in (8, 5):
        alone = make_batch(config, scheme, source, step)
        torch.testing.assert_close(alone.source_B3SS, streamed[step].source_B3SS)
        torch.testing.assert_close(alone.xy_BL2, streamed[step].xy_BL2)
    # two devices share what one would see twice as fast
    halves = [make_batch(config, scheme, source, 2, rank, 2) for rank in (0, 1)]
    torch.testing.assert_close(halves[1].xy_BL2, make_batch(config, scheme, source, 5).xy_BL2)
    assert not torch.equal(halves[0].xy_BL2, halves[1].xy_BL2)


def test_missing_landmarks_get_no_weight() -> None:
    item = toy_sample(0)
    item.xy[2] = np.nan
    batch = collate([item, toy_sample(1)])
    assert batch.weight_BL.tolist() == [[1, 1, 0, 1, 1], [1, 1, 1, 1, 1]]
    assert batch.source_B3SS.shape == (2, 3, 96, 96)
    assert batch.source_B3SS.dtype == torch.uint8


def test_sizes_are_mixed_from_step_to_step_and_known_in_advance(
    scheme: LandmarkScheme, source: ListSource
) -> None:
    config = TrainingConfig("mixed", batch=2, source=96, sizes=(32, 64, 96), seed=3)
    sides = [side_at(config, step) for step in range(60)]
    assert {sides.count(side) > 8 for side in (32, 64, 96)} == {True}
    assert set(sides) == {32, 64, 96}
    assert sides == [side_at(config, step) for step in range(60)]
    for step in range(3):
        batch = make_batch(config, scheme, source, step)
        assert batch.source_B3SS.shape == (2, 3, sides[step], sides[step])
        # every device gets the same size in a step, and other samples
        twin = make_batch(config, scheme, source, step, rank=1, world=2)
        assert twin.source_B3SS.shape == batch.source_B3SS.shape
        known = batch.weight_BL > 0
        assert batch.xy_BL2[known].max() < 2 * sides[step]
    with pytest.raises(ValueError, match="sides in pixels"):
        TrainingConfig("none", sizes=(0,))
