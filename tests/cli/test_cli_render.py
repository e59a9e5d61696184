"""`annotator render`: what it renders, how it goes on, what it refuses."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Runner = Callable[..., Any]
pytest.importorskip("moderngl")


def test_list_names_what_there_is(annotator: Runner) -> None:
    told = json.loads(annotator("render", "--list", "--json").out)
    assert {"paper-set", "samples"} <= set(told["presets"])
    assert {"neutral", "random"} <= set(told["expressions"])
    assert "dome-8" in told["rigs"]
    assert "dome-8" in annotator("render", "--list").out


@pytest.mark.slow
def test_a_rendered_folder_goes_on_and_is_imported(annotator: Runner, tmp_path: Path) -> None:
    out = tmp_path / "set"
    line = (
        "render",
        out,
        "--subjects",
        1,
        "--expressions",
        "neutral",
        "--cameras",
        "1",
        "--size",
        256,
        "--json",
    )
    (first,) = json.loads(annotator(*line).out)
    assert (first["written"], first["skipped"]) == (1, 0)
    (again,) = json.loads(annotator(*line).out)
    assert (again["written"], again["skipped"]) == (0, 1)
    project = tmp_path / "p.annotator"
    told = json.loads(annotator("import", project, out, "-p", "{subject}/{take}/{camera}.jpg", "--json").out)
    assert told["added"] == 1


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (["--size", "64"], "256"),
        (["--looks", "no-such"], "studio-a"),
        (["--cameras", "no-such"], "dome-8"),
        (["--expressions", "no-such"], "neutral"),
        (["--format", "gif"], "tiff"),
        (["--preset", "no-such"], "paper-set"),
    ],
)
def test_refusals_name_what_there_is(
    annotator: Runner, tmp_path: Path, options: list[str], names: str
) -> None:
    run = annotator("render", tmp_path / "set", *options)
    assert run.code == 1
    assert names in run.err


def test_no_folder_is_wrong_usage(annotator: Runner) -> None:
    assert annotator("render").code == 2


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What would be rendered, by the name of the folder."""
    from annotator.studio.dataset import dataset

    found: dict[str, Any] = {}

    def fake(out: Path, options: Any, progress: object, stop: object) -> dataset.RenderSummary:
        found[out.name] = options
        return dataset.RenderSummary(out, 0, 0, 0.0, False)

    monkeypatch.setattr(dataset, "render_dataset", fake)
    return found


def test_the_paper_set_is_two_folders_that_share_no_subject(
    annotator: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: dict[str, Any]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert annotator("render", "paper-set", "--size", 1024, "--workers", 2).code == 0
    train, test = asked["train"], asked["test"]
    assert (len(train.subjects), len(test.subjects)) == (24, 23)
    assert not set(train.subjects) & set(test.subjects)
    assert len(train.expressions) == 24
    assert (train.size, train.workers, train.cameras) == (1024, 2, "dome-8")


def test_how_fine_crops_are_goes_with_crops(annotator: Runner, tmp_path: Path, asked: dict[str, Any]) -> None:
    run = annotator("render", tmp_path / "a", "--crop-pixels", 400)
    assert run.code == 2
    assert "--crops" in run.err
    assert annotator("render", tmp_path / "a", "--crops").code == 0
    assert asked["a"].crop_pixels == 800
    assert annotator("render", tmp_path / "b", "--crops", "--crop-pixels", 400).code == 0
    assert (asked["b"].crops, asked["b"].crop_pixels) == (True, 400)


def test_options_change_a_preset(annotator: Runner, tmp_path: Path, asked: dict[str, Any]) -> None:
    assert (
        annotator(
            "render", tmp_path / "a", "--preset", "training", "--subjects", 2, "--first-subject", 7
        ).code
        == 0
    )
    assert asked["a"].subjects == (7, 8)
    run = annotator(
        "render", tmp_path / "b", "--preset", "samples", "--expressions", "smile", "--looks", "beauty"
    )
    assert run.code == 0
    from annotator.studio.dataset.jobs import capture_jobs

    assert {job.expression for job in capture_jobs(asked["b"])} == {"smile"}
    assert asked["b"].looks == ("beauty",)


@pytest.mark.parametrize(
    "options",
    [
        ["--preset", "paper-set", "--first-subject", "5"],
        ["--preset", "paper-set", "--takes", "5"],
        ["--takes", "5"],
        ["--check-borders", "1"],
    ],
)
def test_options_that_would_be_ignored_are_refused(
    annotator: Runner, tmp_path: Path, asked: dict[str, Any], options: list[str]
) -> None:
    assert annotator("render", tmp_path / "set", *options).code == 2
    assert not asked


def test_training_on_people_of_the_test_is_refused(
    annotator: Runner, tmp_path: Path, asked: dict[str, Any]
) -> None:
    run = annotator("render", tmp_path / "set", "--preset", "training", "--first-subject", 900_000)
    assert run.code == 1
    assert "validation" in run.err
    assert not asked


def test_further_schemes_follow_the_first(annotator: Runner, tmp_path: Path, asked: dict[str, Any]) -> None:
    annotator("render", tmp_path / "a", "--scheme", "studio-89@2,ibug-68")
    assert (asked["a"].scheme, asked["a"].also) == ("studio-89@2", ("ibug-68",))
