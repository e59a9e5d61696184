"""Experiments: tiny systems from data to table, gone on with after a stop and a crash, never made twice."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import simplejpeg
from experiment_files import SIDE, picture, ring

from annotator.domain.errors import AnnotatorError
from annotator.domain.model_card import read_card
from annotator.domain.progress import Cancelled
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.evaluation.aggregate import Estimate
from annotator.nn.checkpoint import load_model
from annotator.nn.zoo import ARCHITECTURES
from annotator.research.experiments import dlib_baseline, train_system
from annotator.research.experiments.configure import training_config
from annotator.research.experiments.options import ExperimentOptions
from annotator.research.experiments.presets import DLIB, PRESETS, preset
from annotator.research.experiments.run import run_experiment
from annotator.research.experiments.table import FULL_IMAGES, FULL_PAPER, _both_full, ratio_interval
from annotator.research.experiments.train_system import PLAN
from annotator.training.config import TrainingConfig

SCHEME = load_scheme("studio-89")


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six pictures of three subjects in a COCO folder that names no subjects, as the studio writes it."""
    folder = tmp_path_factory.mktemp("rendered")
    images, annotations = [], []
    for number in range(6):
        name = f"subject_{number // 2}/neutral/cam_{number % 2}.jpg"
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(simplejpeg.encode_jpeg(picture(number), colorspace="RGB"))
        images.append({"id": number + 1, "file_name": name, "width": SIDE, "height": SIDE})
        points = np.concatenate([ring(SCHEME.size, number), np.full((SCHEME.size, 1), 2)], 1)
        entry = {"id": number + 1, "image_id": number + 1, "category_id": 1}
        annotations.append({**entry, "keypoints": points.ravel().tolist()})
    categories = [{"id": 1, "name": "face", "keypoints": list(SCHEME.names)}]
    coco = {"images": images, "annotations": annotations, "categories": categories}
    (folder / "annotations.json").write_text(json.dumps(coco))
    return folder


@pytest.fixture
def options(rendered: Path, tmp_path: Path) -> ExperimentOptions:
    """Two steps of very narrow networks."""
    return ExperimentOptions(
        rendered,
        rendered,
        tmp_path / "out",
        (64, 128),
        steps=2,
        width=8,
        stride=4,
        crop=32,
        batch=1,
        device="cpu",
    )


class Counter:
    """A `Stop` that says yes, or breaks off, at the call with that number."""

    def __init__(self, at: int, error: type[BaseException] | None = None) -> None:
        self.calls, self.at, self.error = 0, at, error

    def __call__(self) -> bool:
        self.calls += 1
        if self.calls >= self.at and self.error is not None:
            raise self.error
        return self.calls >= self.at


def events(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "run/events.jsonl").read_text().splitlines()]


def test_a_table_is_made_once_and_read_again(options: ExperimentOptions) -> None:
    options = replace(options, only=("hourglass-2", "adc-light-64", "adc-light-128"))
    told: list[str] = []
    table = run_experiment("paper-table4", options, lambda done, total, text: told.append(text))
    assert any("adc-light-128, step" in text for text in told)
    plain = json.loads((options.out / "paper-table4/table.json").read_text())
    assert plain["grid"].keys() == {"holistic hourglass x2", "ADC light"}
    cells = plain["grid"]["ADC light"]
    assert cells.keys() == {"64", "128"}
    assert cells["64"]["low"] <= cells["64"]["value"] <= cells["64"]["high"]
    assert (cells["64"]["count"], cells["64"]["clusters"]) == (6, 3)
    holistic = plain["grid"]["holistic hourglass x2"]
    assert holistic["64"] == holistic["128"]
    assert plain["systems"]["adc-light-128"]["steps"] == 2
    assert plain["systems"]["adc-light-128"]["peak"] > 0
    (ratio,) = table.ratios
    assert ratio.theirs == "hourglass-2"
    assert ratio.ours.startswith("adc-light")
    assert ratio.low <= ratio.value <= ratio.high
    text = (options.out / "paper-table4/table.md").read_text()
    assert "| ADC light |" in text
    assert "Cumulative error distribution" in (options.out / "paper-table4/report.html").read_text()
    assert read_card(options.out / "systems/adc-light-128/model").parent == "adc-light-64"
    again: list[str] = []
    twin = run_experiment("paper-table4", options, lambda done, total, text: again.append(text))
    assert again == []
    assert twin.grid == table.grid


def test_a_stopped_experiment_goes_on_where_it_was(options: ExperimentOptions) -> None:
    options = replace(options, only=("hourglass-2",))
    with pytest.raises(Cancelled):
        run_experiment("paper-table4", options, stop=Counter(1))
    folder = options.out / "systems/hourglass-2"
    assert not (folder / "summary.json").exists()
    run_experiment("paper-table4", options)
    starts = [event["step"] for event in events(folder) if event["event"] == "start"]
    assert starts == [0, 1]
    assert events(folder)[-1]["event"] == "done"


@pytest.mark.slow
def test_a_killed_training_resumes_and_ends_in_the_same_weights(
    options: ExperimentOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    def eager(*given: Any) -> TrainingConfig:
        return replace(training_config(*given), save_minutes=0.0)

    monkeypatch.setattr(train_system, "training_config", eager)
    options = replace(options, steps=3, only=("hourglass-2",))
    # an error that nobody catches leaves what a killed process leaves: the last checkpoint on disk
    with pytest.raises(SystemError):
        run_experiment("paper-table4", options, stop=Counter(2, SystemError))
    folder = options.out / "systems/hourglass-2"
    assert not (folder / "model").exists()
    run_experiment("paper-table4", options)
    assert [e["step"] for e in events(folder) if e["event"] == "start"] == [0, 1]
    straight = replace(options, out=options.out.with_name("straight"))
    run_experiment("paper-table4", straight)
    one, two = (read_card(base / "systems/hourglass-2/model").sha256 for base in (options.out, straight.out))
    assert one == two


def test_a_killed_measurement_does_not_train_again(options: ExperimentOptions) -> None:
    options = replace(options, only=("hourglass-2",))
    with pytest.raises(SystemError):  # two questions by the training, then by the measurement
        run_experiment("paper-table4", options, stop=Counter(4, SystemError))
    run_experiment("paper-table4", options)
    assert [e["event"] for e in events(options.out / "systems/hourglass-2")].count("start") == 1


def test_more_steps_lengthen_a_run_and_other_settings_are_refused(options: ExperimentOptions) -> None:
    options = replace(options, only=("hourglass-2",))
    run_experiment("paper-table4", options)
    longer = run_experiment("paper-table4", replace(options, steps=3))
    assert longer.measured[0].summary["steps"] == 3
    with pytest.raises(AnnotatorError, match="other data or settings"):
        run_experiment("paper-table4", replace(options, width=16))


def test_a_system_from_before_newer_options_still_counts(options: ExperimentOptions) -> None:
    options = replace(options, only=("hourglass-2",))
    run_experiment("paper-table4", options)
    file = options.out / "systems/hourglass-2" / PLAN
    plan = json.loads(file.read_text())
    file.write_text(
        json.dumps({k: v for k, v in plan.items() if k not in ("parts", "outside_weight", "blend")})
    )
    run_experiment("paper-table4", options)
    assert [e["event"] for e in events(options.out / "systems/hourglass-2")].count("start") == 1


def test_a_ladder_is_measured_at_every_size(options: ExperimentOptions) -> None:
    table = run_experiment("resolution-ladder", replace(options, steps=1, only=("adc-light-64",)))
    assert [(own.system.size, own.size) for own in table.measured] == [(64, 64), (64, 128)]
    assert table.grid["ADC light, trained at 64"].keys() == {"64", "128"}
    assert table.ratios == []


def test_a_rung_without_the_one_below_says_what_to_do(options: ExperimentOptions) -> None:
    with pytest.raises(AnnotatorError, match="add --only adc-light-64"):
        run_experiment("paper-table4", replace(options, only=("adc-light-128",)))


def test_presets_are_whole(options: ExperimentOptions) -> None:
    for name, wanted in PRESETS.items():
        systems = wanted.make(wanted.sizes, True)
        names = [system.name for system in systems]
        assert len(set(names)) == len(names), name
        for system in systems:
            assert system.architecture == DLIB or system.architecture in ARCHITECTURES
            assert system.parent is None or names.index(system.parent) < names.index(system.name)
    rungs = {s.name: s for s in preset("paper-table4").make((256, 512, 2048), True)}
    assert rungs["adc-full-2048"].parent == "adc-full-512"
    assert preset("paper-table4").make((256, 512), False)[-1].parent is None
    with pytest.raises(AnnotatorError, match="choose one of paper-table4"):
        run_experiment("table5", options)
    with pytest.raises(AnnotatorError, match="There is no system fan-9"):
        run_experiment("paper-table4", replace(options, only=("fan-9",)))


def test_systems_differ_in_their_networks_alone(options: ExperimentOptions) -> None:
    full = replace(options, width=None, stride=None, crop=None, batch=None, steps=None)
    systems = {s.name: s for s in PRESETS["ablation-backbone"].make((1024,), True)}
    adc = training_config(systems["adc-full-1024"], full)
    assert (adc.changes, adc.batch, adc.source, adc.steps) == ({"crop": 256}, 4, 1024, 30_000)
    cnn = training_config(systems["adc-cnn7-1024"], replace(full, width=32))
    assert cnn.changes == {"overview": {"channels": 32}, "regional": {"channels": 8, "hidden": 256}}
    assert cnn.phases[0].losses == adc.phases[0].losses
    assert cnn.phases[0].regional == {"wing": 1.0, "l1": 0.1}
    assert training_config(systems["cnn6"], full).phases[0].losses == {"wing": 1.0, "l1": 0.1}
    light = PRESETS["paper-table4"].make((4096,), True)[-2]
    assert training_config(light, full).sequential
    assert training_config(systems["hourglass-2"], replace(full, minutes=2.0)).minutes == 2.0


def test_ratio_of_two_systems_by_hand() -> None:
    value, low, high = ratio_interval([1.0, 2.0, 3.0], [2.0, 4.0, 6.0], ["a", "a", "b"])
    assert (value, low, high) == pytest.approx((0.5, 0.5, 0.5))
    value, low, high = ratio_interval([1.0, np.nan, 3.0], [2.0, 1.0, 2.0], ["a", "b", "c"])
    assert value == pytest.approx(1.0)
    assert (low, high) == pytest.approx((0.5, 1.5))


def test_both_weightings_of_the_full_column_as_published() -> None:
    cells = {
        "common": Estimate(0.0283, 0.02, 0.03, 554, 554),
        "challenging": Estimate(0.0704, 0.06, 0.08, 135, 135),
    }
    full = _both_full(cells)
    assert 100 * full[FULL_PAPER].value == pytest.approx(4.23, abs=0.005)
    assert 100 * full[FULL_IMAGES].value == pytest.approx(3.65, abs=0.01)
    assert _both_full({"64": cells["common"]}) == {}


def test_without_dlib_the_table_goes_on_and_says_so(
    options: ExperimentOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "dlib", None)
    assert not dlib_baseline.available()
    with pytest.raises(AnnotatorError, match=r"annotator-landmarks\[dlib\]"):
        run_experiment("paper-table4", replace(options, only=("dlib",)))
    trained: list[str] = []

    def pretend(system: Any, *_: Any) -> dict[str, Any]:
        trained.append(system.name)
        raise Cancelled

    monkeypatch.setattr("annotator.research.experiments.run.train_system", pretend)
    with pytest.raises(Cancelled):
        run_experiment("paper-table4", options)
    assert trained == ["hourglass-2"]


@pytest.mark.slow
def test_trained_systems_are_ordinary_models(options: ExperimentOptions) -> None:
    run_experiment("ablation-stacked", replace(options, sizes=(64,), steps=1, only=("adc-stacked-64",)))
    module, card = load_model(options.out / "systems/adc-stacked-64/model")
    assert card.architecture["regional"]["stacks"] == 2
    assert sum(value.numel() for value in module.parameters()) > 0
