"""Other programs' names on a scheme: by a map, by spelling, by number; what is no landmark is left out and told."""

import json
from pathlib import Path

import numpy as np
import pytest

from annotator.domain.errors import FormatError
from annotator.formats.csv import Csv
from annotator.formats.name_map import map_text, read_map
from annotator.formats.named import AS_NAMED, order_of, resolve
from annotator.formats.registry import format_named
from tests.formats.format_data import IBUG, STUDIO
from tests.formats.test_tools import WRITTEN, needs, target, view

HERE = Path("a.json")


def test_names_are_known_by_spelling_and_what_is_none_is_told() -> None:
    place, notes = resolve(["Jaw-Left 01", "chin", "ear"], STUDIO, None, HERE)
    assert place == {"Jaw-Left 01": STUDIO.index("jaw_left_1"), "chin": STUDIO.index("chin")}
    assert any("1 of the file's 3 points" in note and "ear" in note for note in notes)
    with pytest.raises(FormatError, match="none of its 1 landmarks"):
        resolve(["ear"], STUDIO, None, HERE)


def test_an_exact_name_goes_before_one_that_is_spelt_alike() -> None:
    place, _ = resolve(["CHIN", "chin"], STUDIO, None, HERE)
    assert place == {"chin": STUDIO.index("chin")}
    with pytest.raises(FormatError, match="none of its 2"):
        resolve(["CHIN", "Chin"], STUDIO, None, HERE)  # either could be meant


def test_a_map_goes_before_all_and_may_leave_out() -> None:
    given = {"p1": "chin", "chin": ""}
    place, notes = resolve(["p1", "chin", "cheek_left"], STUDIO, given, HERE)
    assert place == {"p1": STUDIO.index("chin"), "cheek_left": STUDIO.index("cheek_left")}
    assert any("left out: chin" in note for note in notes)
    with pytest.raises(FormatError, match="p1 and p2 the one landmark chin"):
        resolve(["p1", "p2"], STUDIO, {"p1": "chin", "p2": "chin"}, HERE)
    with pytest.raises(FormatError, match="'ear', which is no landmark"):
        resolve(["p1"], STUDIO, {"p1": "ear"}, HERE)


@pytest.mark.parametrize("first", [0, 1])
def test_numbers_are_an_order_where_their_count_is_known(first: int) -> None:
    names = [str(first + i) for i in range(89)]
    assert resolve(names, STUDIO, None, HERE)[0] == {name: i for i, name in enumerate(names)}
    with pytest.raises(FormatError):
        resolve(names[:-1], STUDIO, None, HERE)
    markup = resolve([str(first + i) for i in range(68)], STUDIO, None, HERE)[0]
    assert markup == {str(first + point): index for point, index in STUDIO.ibug68.items()}


def test_wflws_points_of_the_markup() -> None:
    order = order_of(98, IBUG)
    chin, nose_tip, left_corner, lip = IBUG.ibug68[8], IBUG.ibug68[30], IBUG.ibug68[45], IBUG.ibug68[67]
    assert len(order) == 68
    assert {order[16], order[54], order[72], order[95]} == {chin, nose_tip, left_corner, lip}
    assert (order[16], order[54], order[95]) == (chin, nose_tip, lip)


def test_a_map_file_comes_back_and_is_checked(tmp_path: Path) -> None:
    names = {'le "coin"': "chin", "ear": "", "été": "cheek_left"}
    (tmp_path / "m.toml").write_text(map_text(names, {"ear": "by nothing"}, "Suggested"), encoding="utf-8")
    assert read_map(tmp_path / "m.toml", STUDIO) == names
    for content, words in (("a = 3", "alone"), ("a = 'ear'", "no landmark"), ("a =", "TOML")):
        (tmp_path / "m.toml").write_text(content)
        with pytest.raises(FormatError, match=words):
            read_map(tmp_path / "m.toml", STUDIO)


@pytest.mark.parametrize("name", [name for name in WRITTEN if name != "sleap"])
def test_every_format_reads_by_a_map_and_by_its_own_names(tmp_path: Path, name: str) -> None:
    needs(name)
    known, dataset = format_named(name), view(IBUG, missing=False)
    path = target(tmp_path, known)
    known.write(dataset, path)
    told = known.read(path, AS_NAMED)
    assert len(told.scheme.names) in (68, 70)
    turned = {theirs: IBUG.names[(i + 1) % 68] for i, theirs in enumerate(told.scheme.names[:68])}
    frame = known.read(path, IBUG, turned).frames[0]
    plain = known.read(path, IBUG).frames[0]
    np.testing.assert_allclose(np.roll(plain.xy, 1, 0), frame.xy, atol=1e-4)


def test_a_renamed_coco_file_with_points_that_we_have_not(tmp_path: Path) -> None:
    format_named("coco").write(view(IBUG, missing=False), tmp_path / "a.json")
    document = json.loads((tmp_path / "a.json").read_text())
    document["categories"][0]["keypoints"][3] = "ear"
    for entry in document["annotations"]:
        del entry["annotator"]
    (tmp_path / "a.json").write_text(json.dumps(document))
    read = format_named("coco").read(tmp_path / "a.json", IBUG)
    assert [int(frame.placed.sum()) for frame in read.frames] == [67, 67, 67]
    assert any("ear" in note for note in read.notes)


def test_csv_takes_a_map(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("frame,landmark,x,y\na.jpg,Kinn,3,4\n")
    (frame,) = Csv().read(tmp_path / "a.csv", IBUG, {"Kinn": "chin"}).frames
    assert frame.xy[IBUG.index("chin")].tolist() == [3, 4]
