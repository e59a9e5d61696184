"""The loop: learns, resumes bit-exactly, keeps its clock, stops into a usable model, masks, and refuses what does not fit."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from list_source import ListSource
from safetensors.torch import load_file

from annotator.domain.errors import ModelError
from annotator.domain.scheme import LandmarkScheme
from annotator.nn.checkpoint import WEIGHTS, load_model
from annotator.nn.zoo import architecture, build
from annotator.training.batches import collate
from annotator.training.config import Phase
from annotator.training.loop import usable_precision
from annotator.training.objective import Objective
from annotator.training.run_state import fingerprint, moving_average
from annotator.training.validate import box_size, eye_distance, validate

from .runs import QUICK, job, run
from .toys import toy_sample


def test_a_stopped_run_resumes_bit_exactly(
    tmp_path: Path, scheme: LandmarkScheme, source: ListSource
) -> None:
    straight = job(tmp_path / "a", scheme, source)
    run(QUICK, straight)
    broken = job(tmp_path / "b", scheme, source)
    assert run(QUICK, broken, stop_after=2)[-1]["event"] == "stopped"
    load_model(broken.model_folder)
    end = run(QUICK, broken)
    assert end[0]["step"] == 2
    assert end[-1]["event"] == "done"
    for name in ("run/checkpoint.safetensors", f"model/{WEIGHTS}"):
        one, two = load_file(tmp_path / "a" / name), load_file(tmp_path / "b" / name)
        assert one.keys() == two.keys()
        assert all(torch.equal(one[key], two[key]) for key in one)


def test_events_are_told_and_written(tmp_path: Path, scheme: LandmarkScheme, source: ListSource) -> None:
    work = job(tmp_path, scheme, source, validation=source)
    events = run(replace(QUICK, validate_every=3, validation_frames=3), work)
    assert [e["event"] for e in events if e["event"] != "step"] == [
        "start",
        "validation",
        "validation",
        "saved",
        "validation",
        "done",
    ]
    written = [json.loads(line) for line in (tmp_path / "run/events.jsonl").read_text().splitlines()]
    assert written == events
    assert {"all", "overview", "left", "right", "global_only"} == set(events[-1]["after"])
    assert list((tmp_path / "run/tensorboard").iterdir())
    _, card = load_model(tmp_path / "model")
    assert card.data["steps"] == 6
    assert card.data["train"] == {"source": "toys", "frames": 8, "subjects": 3}
    assert card.metrics["validation"]["normaliser"] == "inter-ocular"
    assert card.preprocessing["proxy"] == 64


def test_a_wall_clock_budget_ends_in_a_model(
    tmp_path: Path, scheme: LandmarkScheme, source: ListSource
) -> None:
    events = run(replace(QUICK, steps=10**6, minutes=0.01), job(tmp_path, scheme, source))
    assert events[-1]["event"] == "done"
    assert 0 < events[-1]["step"] < 10**6
    load_model(tmp_path / "model")


def test_compiling_changes_neither_the_weights_names_nor_what_is_learnt(
    tmp_path: Path, scheme: LandmarkScheme, source: ListSource
) -> None:
    with torch.compiler.set_stance("force_eager"):  # the compiler itself takes minutes
        run(QUICK, job(tmp_path / "compiled", scheme, source, compiled=True))
    run(QUICK, job(tmp_path / "plain", scheme, source))
    compiled, plain = (load_file(tmp_path / name / "model" / WEIGHTS) for name in ("compiled", "plain"))
    assert compiled.keys() == plain.keys()
    assert all(torch.equal(compiled[name], plain[name]) for name in plain)


def test_one_run_learns_from_several_sizes_and_resumes_exactly(
    tmp_path: Path, scheme: LandmarkScheme, source: ListSource
) -> None:
    mixed = replace(QUICK, sizes=(64, 96), steps=4)
    straight, broken = (job(tmp_path / name, scheme, source) for name in "ab")
    run(mixed, straight)
    run(mixed, broken, stop_after=2)
    run(mixed, broken)
    one, two = (load_file(tmp_path / name / f"model/{WEIGHTS}") for name in "ab")
    assert all(torch.equal(one[key], two[key]) for key in one)


def test_a_checkpoint_from_before_newer_options_still_fits(scheme: LandmarkScheme) -> None:
    description = architecture("tiny", scheme)
    free = ("steps", "minutes", "workers", "save_minutes", "blend")
    values = {k: v for k, v in QUICK.plain().items() if k not in free}
    for newer in ("sizes", "parts", "outside_weight", "inherit", "clips", "neighbours"):
        del values[newer]
    values["phases"] = [{k: v for k, v in phase.items() if k != "regional"} for phase in values["phases"]]
    text = json.dumps([values, description], sort_keys=True)
    assert fingerprint(QUICK, description) == hashlib.sha256(text.encode()).hexdigest()
    assert fingerprint(replace(QUICK, sizes=(64,)), description) != fingerprint(QUICK, description)


def test_a_checkpoint_of_other_settings_or_a_damaged_one_is_refused(
    tmp_path: Path, scheme: LandmarkScheme, source: ListSource
) -> None:
    work = job(tmp_path, scheme, source)
    run(QUICK, work, stop_after=1)
    with pytest.raises(ModelError, match="other settings"):
        run(replace(QUICK, batch=3), work)
    file = tmp_path / "run/checkpoint.safetensors"
    file.write_bytes(file.read_bytes()[:200])
    with pytest.raises(ModelError, match="delete it to start"):
        run(QUICK, work)


def test_masked_landmarks_teach_nothing(scheme: LandmarkScheme) -> None:
    torch.manual_seed(0)
    model = build(architecture("tiny", scheme))
    objective = Objective(model, replace(QUICK, phases=(Phase(1.0, {"ce": 1.0, "nll": 1.0, "l1": 1.0}),)))
    right = toy_sample(1, 64)
    wrong = replace(right, xy=right.xy.copy(), weight=np.array([1, 1, 0, 1, 1], np.float32))
    wrong.xy[2] = np.nan
    moved = replace(wrong, xy=wrong.xy.copy())
    moved.xy[2] = 3.0
    gradients = []
    for item in (wrong, moved):
        batch = collate([item, item])
        model.zero_grad()
        objective(batch.source_B3SS, batch.xy_BL2, batch.weight_BL, 0, 7)["loss"].backward()
        gradients.append({name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None})
    torch.testing.assert_close(gradients[0], gradients[1])
    assert all(torch.isfinite(g).all() for g in gradients[0].values())


def test_own_boxes_replace_true_ones(scheme: LandmarkScheme) -> None:
    model = build(architecture("tiny", scheme))
    objective = Objective(model, replace(QUICK, size_noise=0.0, shift_noise=0.0))
    batch = collate([toy_sample(1, 64), toy_sample(2, 64)])
    centre = torch.full_like(batch.xy_BL2, 32.0)
    true = objective.choose_boxes(centre, batch, Phase(1.0, {}, own_boxes=0.0), 1)
    own = objective.choose_boxes(centre, batch, Phase(1.0, {}, own_boxes=1.0), 1)
    torch.testing.assert_close(true, model.boxes(batch.xy_BL2, 64.0))
    torch.testing.assert_close(own, model.boxes(centre, 64.0))


def test_average_follows_slowly_and_copies_at_zero() -> None:
    module = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.zeros_(module.weight)
    slow, instant = moving_average(module, 0.5), moving_average(module, 0.0)
    with torch.no_grad():
        module.weight.fill_(1.0)
    for average in (slow, instant):
        average.update_parameters(module)
        average.update_parameters(module)
    # decays 2/11 and then 3/12 of what was missing
    assert slow.module.weight.item() == pytest.approx(1 - (2 / 11) * (3 / 12))
    assert instant.module.weight.item() == 1.0


def test_validation_by_hand(scheme: LandmarkScheme) -> None:
    item = toy_sample(3, 64)
    model = build(architecture("tiny", scheme)).eval()
    found = validate(model, scheme, ListSource([item, item]), 64, 2)
    # fresh heads answer the centre of the proxy
    error = np.linalg.norm(item.xy - 32, axis=1) / np.linalg.norm(item.xy[0] - item.xy[2])
    assert found.nme["overview"] == pytest.approx(100 * error.mean(), rel=1e-3)
    assert found.nme["global_only"] == pytest.approx(100 * error[4], rel=1e-3)
    assert found.frames == 2
    assert found.peak == pytest.approx(1 / 256, rel=1e-2)
    partial = replace(item, weight=np.array([1, 0, 0, 0, 1], np.float32))
    assert "right" not in validate(model, scheme, ListSource([partial]), 64, 5).nme
    marked = np.where(np.arange(5)[:, None] == 2, np.nan, item.xy).astype(np.float32)
    blind = replace(partial, xy=marked)
    extent = np.ptp(marked[np.isfinite(marked).all(-1)], axis=0)
    assert np.isnan(eye_distance(scheme, blind))
    assert box_size(blind) == pytest.approx(float(np.sqrt(extent.prod())))
    kinds = {validate(model, scheme, ListSource(own), 64, 5).normaliser for own in ([item, blind], [blind])}
    assert kinds == {"box"}, "one measure for all frames"
    assert found.normaliser == "inter-ocular"


def test_phases_and_rates() -> None:
    config = QUICK
    assert [config.phase_at(p) for p in (0.0, 0.3, 0.71, 1.0)] == [0, 1, 2, 2]
    assert config.rate_at(0.0) < config.rate_at(config.warmup) == pytest.approx(config.rate, rel=1e-2)
    assert config.rate_at(1.0) == pytest.approx(config.rate * config.final_rate)
    drop = replace(config, schedule="drop", warmup=0.0)
    assert [drop.rate_at(p) for p in (0.0, 0.7, 0.8)] == pytest.approx([1e-3, 1e-3, 2e-5])
    with pytest.raises(ValueError, match="last one lasts until 1"):
        replace(config, phases=(Phase(0.5, {"ce": 1.0}),))


@pytest.mark.parametrize(("supported", "expected"), [(True, "bf16-mixed"), (False, "32-true")])
def test_cpus_use_bfloat16_only_with_instructions_for_it(
    monkeypatch: pytest.MonkeyPatch, supported: bool, expected: str
) -> None:
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: supported, raising=False)
    assert usable_precision("bf16-mixed", torch.device("cpu")) == expected
    assert usable_precision("16-mixed", torch.device("cpu")) == "32-true"


def test_gpus_without_bfloat16_use_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation=True: False)
    assert usable_precision("bf16-mixed", torch.device("cuda")) == "32-true"
    assert usable_precision("16-mixed", torch.device("cuda")) == "16-mixed"
    assert usable_precision("32-true", torch.device("cuda")) == "32-true"
    assert usable_precision("bf16-mixed", torch.device("mps")) == "32-true"


def test_a_run_goes_on_whether_its_checkpoint_names_the_recipe_s_precision_or_the_device_s(
    tmp_path: Path, scheme: LandmarkScheme, source: ListSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Versions before 0.2 named that of the device."""
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False, raising=False)
    work = job(tmp_path, scheme, source)
    run(QUICK, work, stop_after=2)
    events = run(replace(QUICK, precision="bf16-mixed"), work)
    assert (events[0]["step"], events[0]["precision"]) == (2, "32-true")
