"""The report: one self-contained page, and JSON that any reader takes."""

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np

from annotator.evaluation.aggregate import compare, score_model
from annotator.evaluation.report import Report, WorstFrame, write_report
from annotator.evaluation.svg import Axis, bar_chart, line_chart
from annotator.evaluation.truth import GroundTruth, Predictions


def _report(truth: GroundTruth) -> Report:
    models = [Predictions("old <b>", truth.xy + [4.0, 0.0]), Predictions("new", truth.xy + [2.0, 0.0])]
    worst = WorstFrame("a & b", 0.04, b"\xff\xd8jpeg", 640, 480, truth.xy[2], models[0].xy[2])
    return Report(
        "Test <set>",
        [score_model(truth, model) for model in models],
        compare(truth, models),
        {"new": ([0.1, 0.5], [0.2, 0.6])},
        {"new": [worst]},
        ["Made <in> a test"],
        {"raw": {"NME %": 3.0}, "corrected": {"NME %": float("nan")}},
    )


def test_page_holds_everything_and_escapes_names(truth: GroundTruth, tmp_path: Path) -> None:
    page = write_report(_report(truth), tmp_path / "out")
    text = page.read_text(encoding="utf-8")
    assert "old &lt;b&gt;" in text
    assert "old <b>" not in text
    assert "data:image/jpeg;base64," in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    assert text.count("<circle") == 2 * 4
    assert "inter-ocular" in text


def test_json_is_strict_and_complete(truth: GroundTruth, tmp_path: Path) -> None:
    write_report(_report(truth), tmp_path)
    value = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert [model["model_id"] for model in value["models"]] == ["old <b>", "new"]
    assert value["extra"]["corrected"]["NME %"] is None
    assert value["worst"]["new"] == [{"frame": "a & b", "nme": 0.04}]
    assert value["differences"]["new"]["value"] < 0


def test_charts_are_valid_svg_and_put_values_where_they_belong() -> None:
    line = line_chart(
        "t", Axis("x", 0, 1), Axis("y", 0, 1), {"s & t": ([0, 1, np.nan], [0, 1, 1])}, diagonal=True
    )
    lines = [e for e in ElementTree.fromstring(line).iter() if e.tag.endswith("polyline")]
    first, second = lines[1].attrib["points"].split()
    assert lines[0].attrib["points"] == lines[1].attrib["points"]
    assert float(first.split(",")[0]) < float(second.split(",")[0])
    assert float(first.split(",")[1]) > float(second.split(",")[1])
    bars = ElementTree.fromstring(
        bar_chart("t", "%", ["a", "b"], {"m": [1.0, float("nan")], "n": [2.0, 4.0]})
    )
    heights = [float(e.attrib["height"]) for e in bars.iter() if e.tag.endswith("rect")]
    assert len(heights) == 3
    assert abs(heights[2] / heights[0] - 4.0) < 0.01
