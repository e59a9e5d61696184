"""Files that the other tools' own libraries read and write; each is left out where its library is not installed."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from annotator.domain.annotation import Flag
from annotator.domain.errors import FormatError
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.formats.base import DatasetFrame, DatasetView, WriteOptions
from annotator.formats.registry import format_in, format_named
from annotator.formats.tools.coco_dataset import SIGMA_ANCHOR, SIGMA_SLIDING
from tests.formats.format_data import IBUG
from tests.formats.test_tools import view


def test_pycocotools_reads_and_evaluates_a_data_set(tmp_path: Path) -> None:
    coco = pytest.importorskip("pycocotools.coco")
    evaluation = pytest.importorskip("pycocotools.cocoeval")
    dataset = view(load_scheme("studio-89@2"))
    format_named("coco-dataset").write(dataset, tmp_path / "set", WriteOptions(held_out=0.5))
    files = sorted((tmp_path / "set" / "annotations").iterdir())
    assert [file.name for file in files] == ["face_keypoints_train.json", "face_keypoints_val.json"]
    seen = set()
    for file in files:
        truth = coco.COCO(str(file))
        seen |= {image["file_name"] for image in truth.loadImgs(truth.getImgIds())}
        category = truth.loadCats(1)[0]
        assert set(category["sigmas"]) == {SIGMA_ANCHOR, SIGMA_SLIDING}
        results = [
            {"image_id": entry["image_id"], "category_id": 1, "keypoints": entry["keypoints"], "score": 0.9}
            for entry in truth.loadAnns(truth.getAnnIds())
        ]
        exact, off = (_precision(evaluation, truth, moved(results, by), category["sigmas"]) for by in (0, 60))
        assert exact == pytest.approx(1.0)
        assert off < 0.5
    assert seen == {item.frame.path for item in dataset.frames}


def test_pycocotools_reads_a_single_file(tmp_path: Path) -> None:
    coco = pytest.importorskip("pycocotools.coco")
    dataset = view(IBUG)
    format_named("coco").write(dataset, tmp_path / "a.json")
    read = coco.COCO(str(tmp_path / "a.json"))
    for entry, item in zip(read.loadAnns(read.getAnnIds()), dataset.frames, strict=True):
        points = np.array(entry["keypoints"]).reshape(-1, 3)
        np.testing.assert_allclose(points[5:, :2], item.annotation.xy[5:] - 0.5, atol=1e-3)
        assert points[:5, 2].tolist() == [1, 2, 2, 1, 0]  # every third is occluded, the fifth is missing
    assert read.loadCats(1)[0]["keypoints"] == list(IBUG.names)


def moved(results: list[dict[str, Any]], by: float) -> list[dict[str, Any]]:
    made = []
    for result in results:
        points = np.array(result["keypoints"], float).reshape(-1, 3)
        points[:, :2] += by
        made.append({**result, "keypoints": points.ravel().tolist()})
    return made


def _precision(evaluation: Any, truth: Any, results: list[dict[str, Any]], sigmas: list[float]) -> float:
    asked = evaluation.COCOeval(truth, truth.loadRes(results), "keypoints")
    asked.params.kpt_oks_sigmas = np.array(sigmas)
    asked.params.areaRng, asked.params.areaRngLbl = [[0, 1e10]] * 3, ["all", "medium", "large"]
    asked.evaluate()
    asked.accumulate()
    asked.summarize()
    return float(asked.stats[0])


def test_sleap_io_reads_what_we_write_and_we_read_what_it_writes(tmp_path: Path) -> None:
    sio = pytest.importorskip("sleap_io")
    dataset = view(IBUG, proposals=True)
    format_named("sleap").write(dataset, tmp_path / "a.slp")
    labels = sio.load_slp(str(tmp_path / "a.slp"), open_videos=False)
    assert [node.name for node in labels.skeletons[0].nodes] == list(IBUG.names)
    assert len(labels) == 3
    people, model = labels[0].instances
    first = dataset.frames[0].annotation
    assert people.points["xy"][1].tolist() == pytest.approx((first.xy[1] - 0.5).tolist())
    assert people.points["visible"][:2].tolist() == [False, True]
    assert isinstance(model, sio.PredictedInstance)
    assert float(model.points["score"][5]) == pytest.approx(0.25)
    # and theirs, with another order and a video of two pictures
    skeleton = sio.Skeleton(["nose_tip_unknown", *reversed(IBUG.names)])
    xy = np.random.default_rng(1).uniform(10, 90, (69, 2))
    told = {
        "type": "ImageVideo",
        "shape": [2, 300, 400, 3],
        "filename": "x/1.jpg",
        "filenames": ["x/1.jpg", "x/2.jpg"],
    }
    video = sio.Video(filename=told["filenames"], backend_metadata=told, open_backend=False)
    frame = sio.LabeledFrame(video, 1, [sio.Instance.from_numpy(xy, skeleton=skeleton)])
    sio.save_slp(
        sio.Labels([frame], videos=[video], skeletons=[skeleton]), str(tmp_path / "b.slp"), embed=False
    )
    read = format_in(tmp_path / "b.slp").read(tmp_path / "b.slp", IBUG)
    (item,) = read.frames
    assert (item.path, item.width, item.height) == ("x/2.jpg", 400, 300)
    np.testing.assert_allclose(item.xy, xy[1:][::-1] + 0.5, atol=1e-4)
    assert any("nose_tip_unknown" in note for note in read.notes)


def test_a_damaged_slp_is_refused_in_our_words(tmp_path: Path) -> None:
    pytest.importorskip("sleap_io")
    (tmp_path / "a.slp").write_bytes(b"\x89HDF\r\n\x1a\n" + b"\0" * 200)
    with pytest.raises(FormatError, match="no whole SLEAP file"):
        format_in(tmp_path / "a.slp").read(tmp_path / "a.slp", IBUG)


def test_we_read_what_sleap_io_writes_for_label_studio(tmp_path: Path) -> None:
    """It gives its pixel centres as they are to a tool that counts from corners, so they are half a pixel off."""
    sio = pytest.importorskip("sleap_io")
    dataset = view(IBUG, missing=False)
    format_named("sleap").write(dataset, tmp_path / "a.slp")
    labels = sio.load_slp(str(tmp_path / "a.slp"), open_videos=False)
    sio.save_labelstudio(labels, str(tmp_path / "ls.json"))
    assert format_in(tmp_path / "ls.json").name == "labelstudio"
    read = format_named("labelstudio").read(tmp_path / "ls.json", IBUG)
    assert {item.path for item in read.frames} == {item.frame.path for item in dataset.frames}
    for item, ours in zip(read.frames, dataset.frames, strict=True):
        np.testing.assert_allclose(item.xy, ours.annotation.xy - 0.5, atol=1e-2)


def with_pictures(folder: Path, flat: bool = False) -> DatasetView:
    simplejpeg = pytest.importorskip("simplejpeg")
    items = []
    for number, item in enumerate(view(IBUG, missing=False).frames):
        frame = replace(item.frame, path=f"{number}.jpg") if flat else item.frame
        picture = folder / frame.path
        picture.parent.mkdir(parents=True, exist_ok=True)
        picture.write_bytes(simplejpeg.encode_jpeg(np.zeros((300, 400, 3), np.uint8), colorspace="RGB"))
        items.append(DatasetFrame(frame, item.annotation, picture=picture))
    return DatasetView(IBUG, items)


def test_sleap_io_reads_our_coco_and_deeplabcut_files(tmp_path: Path) -> None:
    sio = pytest.importorskip("sleap_io")
    dataset = with_pictures(tmp_path / "labeled-data")
    format_named("coco").write(dataset, tmp_path / "a.json")
    format_named("deeplabcut").write(dataset, tmp_path / "a.csv")
    for labels in (
        sio.load_coco(str(tmp_path / "a.json"), dataset_root=str(tmp_path / "labeled-data")),
        sio.load_dlc(str(tmp_path / "a.csv")),
    ):
        assert len(labels) == 3
        read = {Path(frame.video.filename[frame.frame_idx]).parts[-3:]: frame for frame in labels}
        for item in dataset.frames:
            points = read[Path(item.frame.path).parts].instances[0].points
            order = [IBUG.index(name) for name in points["name"]]
            np.testing.assert_allclose(points["xy"], item.annotation.xy[order] - 0.5, atol=1e-3)


def test_sleap_io_reads_our_yolo_data_set_and_we_read_its_own(tmp_path: Path) -> None:
    sio = pytest.importorskip("sleap_io")
    dataset = with_pictures(tmp_path / "captures", flat=True)
    format_named("yolo").write(dataset, tmp_path / "ours", WriteOptions(pictures="copy", held_out=0))
    labels = sio.load_ultralytics(str(tmp_path / "ours"), "train", sio.Skeleton(list(IBUG.names)))
    assert len(labels) == 3
    for frame in labels:
        ours = dataset.frames[int(Path(frame.video.filename[frame.frame_idx]).stem)].annotation
        np.testing.assert_allclose(frame.instances[0].points["xy"], ours.xy, atol=1e-2)
    sio.save_ultralytics(labels, str(tmp_path / "theirs"))
    read = format_in(tmp_path / "theirs").read(tmp_path / "theirs", IBUG)
    assert format_in(tmp_path / "theirs").name == "yolo"
    assert read.frames
    assert all(frame.placed.all() and frame.in_shares for frame in read.frames)


def test_datumaro_reads_and_writes_cvat(tmp_path: Path) -> None:
    datumaro = pytest.importorskip("datumaro")
    points = np.random.default_rng(0).uniform(5, 200, (68, 2)).round(2)
    item = datumaro.DatasetItem(
        "anna/1",
        subset="train",
        media=datumaro.Image.from_numpy(np.zeros((300, 400, 3), np.uint8)),
        attributes={"frame": 0},
        annotations=[
            datumaro.Points(place.tolist(), label=number, attributes={"occluded": number == 3})
            for number, place in enumerate(points)
        ],
    )
    made = datumaro.Dataset.from_iterable([item], categories=list(IBUG.names))
    made.export(str(tmp_path / "theirs"), "cvat", save_media=False)
    (file,) = (tmp_path / "theirs").rglob("*.xml")
    assert format_in(file).name == "cvat"
    (frame,) = format_named("cvat").read(file, IBUG).frames
    np.testing.assert_allclose(frame.xy, points, atol=1e-2)
    assert frame.flags.nonzero()[0].tolist() == [3]
    assert (frame.width, frame.height) == (400, 300)


def test_pandas_reads_our_deeplabcut_table_and_we_read_its_own(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    dataset = view(IBUG, proposals=True)
    format_named("deeplabcut").write(dataset, tmp_path / "a.csv")
    table = pandas.read_csv(tmp_path / "a.csv", header=[0, 1, 2], index_col=0)
    assert list(table.index) == [f"labeled-data/{item.frame.path}" for item in dataset.frames]
    ours = dataset.frames[0].annotation
    cell = table.iloc[0][("annotator", IBUG.names[7])]
    assert [cell["x"], cell["y"]] == pytest.approx((ours.xy[7] - 0.5).tolist(), abs=1e-3)
    # DeepLabCut 2.3 and later: three columns of index
    columns = pandas.MultiIndex.from_product(
        [["me"], IBUG.names, ["x", "y"]], names=["scorer", "bodyparts", "coords"]
    )
    index = pandas.MultiIndex.from_tuples(
        [("labeled-data", "anna", "img1.png"), ("labeled-data", "anna", "img2.png")]
    )
    values = np.random.default_rng(0).uniform(0, 99, (2, 136))
    values[0, :2] = np.nan
    pandas.DataFrame(values, index=index, columns=columns).to_csv(tmp_path / "b.csv")
    read = format_in(tmp_path / "b.csv").read(tmp_path / "b.csv", IBUG)
    assert [item.path for item in read.frames] == ["anna/img1.png", "anna/img2.png"]
    np.testing.assert_allclose(read.frames[1].xy, values[1].reshape(-1, 2) + 0.5, atol=1e-4)
    assert not read.frames[0].placed[0]


@pytest.mark.parametrize("layout", ["fixed", "table"])
def test_pandas_reads_our_deeplabcut_hdf5_and_we_read_its_own(tmp_path: Path, layout: str) -> None:
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("tables")
    dataset, path = view(IBUG, proposals=True), tmp_path / "a.h5"
    format_named("deeplabcut-h5").write(dataset, path)
    table = pandas.read_hdf(path)
    assert list(table.columns.names) == ["scorer", "bodyparts", "coords"]
    assert list(table.index) == [f"labeled-data/{item.frame.path}" for item in dataset.frames]
    ours = dataset.frames[0].annotation
    cell = table.iloc[0][("annotator", IBUG.names[7])]
    assert [cell["x"], cell["y"], cell["likelihood"]] == pytest.approx([*(ours.xy[7] - 0.5), 1.0], abs=1e-3)
    assert table.iloc[0][("annotator", IBUG.names[4])].isna().all()
    # labels have three parts of index, predictions of pictures one
    columns = pandas.MultiIndex.from_product(
        [["me"], IBUG.names, ["x", "y"]], names=["scorer", "bodyparts", "coords"]
    )
    index: object = ["labeled-data/anna/img1.png", "labeled-data/anna/img2.png"]
    if layout == "fixed":
        index = pandas.MultiIndex.from_tuples([tuple(name.split("/")) for name in index])  # type: ignore[attr-defined]
    values = np.random.default_rng(0).uniform(0, 99, (2, 136))
    values[0, :2] = np.nan
    own = pandas.DataFrame(values, index=index, columns=columns)
    own.isetitem(8, [3, 4])  # whole numbers are a block of their own
    own.to_hdf(tmp_path / "b.h5", key="df_with_missing", format=layout, mode="w")
    assert format_in(tmp_path / "b.h5").name == "deeplabcut-h5"
    read = format_in(tmp_path / "b.h5").read(tmp_path / "b.h5", IBUG)
    assert [item.path for item in read.frames] == ["anna/img1.png", "anna/img2.png"]
    np.testing.assert_allclose(read.frames[1].xy, own.to_numpy(float)[1].reshape(-1, 2) + 0.5, atol=1e-4)
    assert not read.frames[0].placed[0]


def test_dlib_trains_on_our_imglab_file(tmp_path: Path) -> None:
    """dlib parses it as it parses its own: a shape predictor learns from two blank pictures, and has the scheme's points."""
    dlib = pytest.importorskip("dlib")
    simplejpeg = pytest.importorskip("simplejpeg")
    dataset = view(IBUG, missing=False)
    for item in dataset.frames:
        picture = tmp_path / item.frame.path
        picture.parent.mkdir(parents=True, exist_ok=True)
        noise = np.random.default_rng(0).integers(0, 255, (300, 400, 3), np.uint8)
        picture.write_bytes(simplejpeg.encode_jpeg(noise, colorspace="RGB"))
    format_named("imglab").write(dataset, tmp_path / "a.xml")
    options = dlib.shape_predictor_training_options()
    options.cascade_depth, options.tree_depth, options.num_trees_per_cascade_level = 1, 1, 1
    options.oversampling_amount, options.num_threads, options.feature_pool_size = 1, 1, 20
    options.num_test_splits = 2
    dlib.train_shape_predictor(str(tmp_path / "a.xml"), str(tmp_path / "p.dat"), options)
    predictor = dlib.shape_predictor(str(tmp_path / "p.dat"))
    shape = predictor(np.zeros((300, 400, 3), np.uint8), dlib.rectangle(20, 20, 280, 280))
    assert shape.num_parts == IBUG.size


def test_occlusion_as_each_tool_says_it(tmp_path: Path) -> None:
    """By the other tool's own fields, not by our reader."""
    dataset = view(IBUG)
    hidden = dataset.frames[0].annotation.flags & Flag.OCCLUDED > 0
    format_named("labelme").write(dataset, tmp_path / "labelme")
    shapes = json.loads((tmp_path / "labelme/anna/c1/0001.json").read_text())["shapes"]
    assert {shape["label"] for shape in shapes if shape["flags"]["occluded"]} == {
        name for name, flag in zip(IBUG.names, hidden, strict=True) if flag
    }
    assert {shape["shape_type"] for shape in shapes} == {"point"}
    format_named("yolo").write(dataset, tmp_path / "yolo")
    (label,) = (tmp_path / "yolo").glob("*/labels/anna/c1/0001.txt")
    values = np.array(label.read_text().split(), float)
    assert len(values) == 5 + 3 * IBUG.size
    assert values[7::3].tolist() == [0 if i == 4 else 1 if hidden[i] else 2 for i in range(IBUG.size)]
