"""What a run takes over from its parent: weights, a share of them, some of its networks, or wider ones."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from list_source import ListSource
from safetensors.torch import load_file

from annotator.domain.errors import ModelError
from annotator.domain.model_card import SHAPES_FILE
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.nn.checkpoint import WEIGHTS, load_model
from annotator.nn.zoo import architecture, build
from annotator.training.batches import collate
from annotator.training.objective import Objective

from .runs import QUICK, job, run
from .toys import toy_sample


def test_fine_tuning_starts_from_its_parent(
    tmp_path: Path, scheme: LandmarkScheme, source: ListSource
) -> None:
    first = job(tmp_path / "a", scheme, source)
    run(QUICK, first)
    parent, _ = load_model(first.model_folder)
    (first.model_folder / SHAPES_FILE).write_bytes(b"what faces look like")
    second = job(
        tmp_path / "b", scheme, source, parent=first.model_folder, model_id="toy-2", validation=source
    )
    # at rate 0 nothing is learnt, so the child must equal its parent
    events = run(replace(QUICK, name="finetune", rate=0.0, steps=2, architecture="adc"), second)
    child, card = load_model(second.model_folder)
    assert card.parent == "toy"
    torch.testing.assert_close(
        dict(child.named_parameters()), dict(parent.named_parameters()), atol=2e-3, rtol=0
    )
    assert events[-1]["before"] == pytest.approx(events[-1]["after"])
    assert (second.model_folder / SHAPES_FILE).read_bytes() == b"what faces look like"


def test_a_parent_of_an_older_version_of_the_scheme_goes_on_without_what_it_knew_of_faces(
    tmp_path: Path, scheme: LandmarkScheme, source: ListSource
) -> None:
    first = job(tmp_path / "a", scheme, source)
    run(QUICK, first)
    (first.model_folder / SHAPES_FILE).write_bytes(b"what faces looked like")
    newer = replace(scheme, version=2)
    second = job(tmp_path / "b", newer, source, parent=first.model_folder, model_id="toy-2")
    run(replace(QUICK, rate=0.0, steps=2), second)
    child, card = load_model(second.model_folder)
    assert (card.scheme, card.parent) == ("toy@2", "toy")
    parent, _ = load_model(first.model_folder)
    torch.testing.assert_close(
        dict(child.named_parameters()), dict(parent.named_parameters()), atol=2e-3, rtol=0
    )
    assert not (second.model_folder / SHAPES_FILE).exists()
    stranger = replace(scheme, name="other")
    with pytest.raises(ModelError, match="toy@1"):
        run(QUICK, job(tmp_path / "c", stranger, source, parent=first.model_folder))


def test_a_blend_lies_between_the_parent_and_what_was_trained(
    tmp_path: Path, scheme: LandmarkScheme, source: ListSource
) -> None:
    first = job(tmp_path / "a", scheme, source)
    run(QUICK, first)
    for name, share in (("all", 1.0), ("quarter", 0.25)):
        run(replace(QUICK, blend=share), job(tmp_path / name, scheme, source, parent=first.model_folder))
    parent, trained, blend = (
        load_file(tmp_path / name / "model" / WEIGHTS) for name in ("a", "all", "quarter")
    )
    moved = [name for name in parent if not torch.equal(parent[name], trained[name])]
    assert moved
    for name in moved:
        wanted = parent[name].float() + 0.25 * (trained[name].float() - parent[name].float())
        assert torch.allclose(blend[name].float(), wanted, atol=2e-3)


def test_a_parent_s_weights_serve_a_larger_crop(
    tmp_path: Path, scheme: LandmarkScheme, source: ListSource
) -> None:
    first = job(tmp_path / "a", scheme, source)
    run(replace(QUICK, steps=1), first)
    second = job(tmp_path / "b", scheme, source, parent=first.model_folder)
    run(replace(QUICK, steps=1, rate=0.0, changes={"crop": 64}), second)
    parent, child = (load_model(work.model_folder)[0] for work in (first, second))
    assert child.config.crop == 64
    torch.testing.assert_close(
        dict(child.named_parameters()), dict(parent.named_parameters()), atol=2e-3, rtol=0
    )
    with pytest.raises(ModelError, match="do not fit what"):
        run(
            replace(QUICK, changes={"share_mirrored": False}),
            job(tmp_path / "c", scheme, source, parent=first.model_folder),
        )


def test_a_parent_of_another_scheme_and_no_samples_are_refused(
    tmp_path: Path, scheme: LandmarkScheme, source: ListSource
) -> None:
    first = job(tmp_path / "a", scheme, source)
    run(replace(QUICK, steps=1), first)
    other = load_scheme("ibug-68")
    with pytest.raises(ModelError, match=r"toy@1, but the data is in ibug-68@1"):
        run(QUICK, job(tmp_path / "b", other, source, parent=first.model_folder))
    with pytest.raises(ValueError, match="nothing to train on"):
        run(QUICK, job(tmp_path / "c", scheme, ListSource([])))


def test_only_the_asked_part_learns(tmp_path: Path, scheme: LandmarkScheme, source: ListSource) -> None:
    first = job(tmp_path / "a", scheme, source)
    run(QUICK, first)
    for parts, still in (("global", "regional."), ("regions", "overview.")):
        for sequential in (False, True):
            folder = tmp_path / f"{parts}-{sequential}"
            config = replace(QUICK, parts=parts, sequential=sequential)  # type: ignore[arg-type]
            run(config, job(folder, scheme, source, parent=first.model_folder))
            before, after = (load_file(f / "model" / WEIGHTS) for f in (tmp_path / "a", folder))
            same = {name for name in before if torch.equal(before[name], after[name])}
            assert {name for name in before if name.startswith(still)} <= same
            assert any(name not in same for name in before)


def test_landmarks_outside_the_regions_may_weigh_more(scheme: LandmarkScheme) -> None:
    torch.manual_seed(1)
    model = build(architecture("tiny", scheme))
    batch = collate([toy_sample(1, 64), toy_sample(2, 64)])

    def loss(weight: float, known: list[float]) -> float:
        told = Objective(model, replace(QUICK, parts="global", outside_weight=weight))(
            batch.source_B3SS, batch.xy_BL2, torch.tensor([known] * 2), 0, 1
        )
        assert "regions" not in told
        return float(told["loss"].detach())

    # the chin alone lies outside of all regions
    eye, chin = loss(4.0, [1, 0, 0, 0, 0]), loss(4.0, [0, 0, 0, 0, 1])
    assert loss(1.0, [1, 0, 0, 0, 1]) == pytest.approx((eye + chin) / 2, rel=1e-4)
    assert loss(4.0, [1, 0, 0, 0, 1]) == pytest.approx((eye + 4 * chin) / 5, rel=1e-4)


def test_a_parent_grows_wider(tmp_path: Path, scheme: LandmarkScheme, source: ListSource) -> None:
    first = job(tmp_path / "a", scheme, source)
    run(QUICK, first)
    wide = replace(QUICK, steps=1, rate=0.0, changes={"regional": {"channels": 32}})
    run(wide, job(tmp_path / "b", scheme, source, parent=first.model_folder))
    parent, child = (load_model(tmp_path / name / "model")[0].eval() for name in "ab")
    count = [sum(p.numel() for p in model.regional.parameters()) for model in (parent, child)]
    assert count[1] > 3 * count[0]
    pictures = torch.stack([torch.from_numpy(toy_sample(i, 64).image).permute(2, 0, 1) for i in (1, 2)])
    torch.testing.assert_close(child(pictures).xy_BL2, parent(pictures).xy_BL2, atol=0.05, rtol=0)
