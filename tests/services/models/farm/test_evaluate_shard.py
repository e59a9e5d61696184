"""Shards of an evaluation come to the figures of one process; what is missing, damaged or of another picture is told."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import simplejpeg

from annotator.domain.errors import AnnotatorError
from annotator.domain.model_card import ModelCard
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.inference.options import OptionChanges
from annotator.nn.checkpoint import save_model
from annotator.nn.zoo import architecture, build
from annotator.services.models.evaluate import EvaluateOptions, Evaluation, evaluate
from annotator.services.models.farm.evaluate_shard import EVALUATED, evaluate_shard, gather_shards
from annotator.services.models.farm.propose_shard import Shard

pytest.importorskip("pyarrow")
COUNT = 19
QUICK = EvaluateOptions(changes=OptionChanges(views=1, iterations=1))
SCHEME = load_scheme("studio-89")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("portraits")
    random = np.random.default_rng(0)
    for number in range(COUNT):
        pixels = random.integers(0, 255, (64, 72, 3), np.uint8)
        (folder / f"{number:02}.jpg").write_bytes(simplejpeg.encode_jpeg(pixels, colorspace="RGB"))
        points = {str(i): [i + number, 2.0 * i % 60] for i in (8, 17, *range(36, 48), 48, 54)}
        (folder / f"{number:02}.json").write_text(json.dumps({"ibug68": points}))
    return folder


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder, description = tmp_path_factory.mktemp("models"), architecture("tiny", SCHEME)
    for name in ("one", "two"):
        save_model(folder / name, build(description), ModelCard(name, SCHEME.id, description))
    return [str(folder / "one"), str(folder / "two")]


def figures(found: Evaluation) -> str:
    """The report as text (NaN is no equal of itself) without the seconds, which side files do not tell."""
    models = [replace(each, seconds=None) for each in found.report.models]
    return json.dumps(replace(found.report, models=models).to_json(), sort_keys=True)


@pytest.mark.slow
def test_shards_are_one_process_bit_for_bit(tmp_path: Path, models: list[str], data: Path) -> None:
    alone = evaluate(models, data, None, QUICK, device="cpu")
    done = [evaluate_shard(models, data, Shard(n, 2), tmp_path / "farm", QUICK, device="cpu") for n in (2,)]
    assert [each.measured for each in done] == [3]
    with pytest.raises(AnnotatorError, match=r"lacks 16 frames by one.*such as 00"):
        gather_shards(models, data, tmp_path / "farm", None, QUICK)
    evaluate_shard(models, data, Shard(1, 2), tmp_path / "farm", QUICK, device="cpu")
    found = gather_shards(models, data, tmp_path / "farm", tmp_path / "report", QUICK)
    assert found.page is not None
    for one, other in zip(found.predictions, alone.predictions, strict=True):
        np.testing.assert_array_equal(one.xy, other.xy)
        np.testing.assert_array_equal(one.covariance, other.covariance)
        assert (one.notes, one.left_out) == (other.notes, other.left_out)
    assert figures(found) == figures(alone)
    again = evaluate_shard(models, data, Shard(1, 2), tmp_path / "farm", QUICK, device="cpu")
    assert (again.measured, again.known) == (0, 16)


def test_what_changed_or_is_damaged_is_done_anew(tmp_path: Path, models: list[str], data: Path) -> None:
    one, farm, shard = models[:1], tmp_path / "farm", Shard(2, 2)
    evaluate_shard(one, data, shard, farm, QUICK, device="cpu")
    (file,) = farm.glob(f"*{EVALUATED}")
    file.write_bytes(file.read_bytes()[:-40])
    assert evaluate_shard(one, data, shard, farm, QUICK, device="cpu").measured == 3
    picture = data / "18.jpg"
    picture.touch()
    assert evaluate_shard(one, data, shard, farm, QUICK, device="cpu").measured == 3
    turned = EvaluateOptions(changes=OptionChanges(views=1, iterations=1, flip=True))
    assert evaluate_shard(one, data, shard, farm, turned, device="cpu").measured == 3
    assert len(list(farm.glob(f"*{EVALUATED}"))) == 2


def test_a_picture_that_cannot_be_read_is_left_out_as_by_one_process(
    tmp_path: Path, models: list[str], data: Path
) -> None:
    picture = data / "17.jpg"
    kept = picture.read_bytes()
    picture.write_bytes(kept[:20])
    try:
        alone = evaluate(models[:1], data, None, QUICK, device="cpu")
        done = evaluate_shard(models[:1], data, Shard(1, 1), tmp_path, QUICK, device="cpu")
        found = gather_shards(models[:1], data, tmp_path, None, QUICK)
    finally:
        picture.write_bytes(kept)
    assert list(done.left_out) == ["17"] == list(found.predictions[0].left_out)
    assert found.predictions[0].left_out == alone.predictions[0].left_out
    assert figures(found) == figures(alone)
