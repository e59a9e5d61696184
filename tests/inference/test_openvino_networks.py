"""A model's networks by OpenVINO: they answer as torch does, or are not used."""

import copy
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from blank_model import blank_model

from annotator.domain.assets import asset
from annotator.domain.errors import AnnotatorError, ModelError
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.imaging.proxy import area_resize
from annotator.imaging.reader import read_frame
from annotator.inference import openvino_networks
from annotator.inference.openvino_networks import has_openvino, use_openvino
from annotator.inference.predictor import Predictor
from annotator.nn.adc import AttentionDrivenCropping
from annotator.nn.zoo import architecture, build

SHIPPED, SAMPLES = asset("models/starter"), asset("resources/samples")
needs_openvino = pytest.mark.skipif(not has_openvino(), reason="the extra openvino is not installed")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(openvino_networks, "_cache", lambda: tmp_path / "cache")
    return tmp_path / "cache"


@pytest.fixture
def model() -> AttentionDrivenCropping:
    torch.manual_seed(0)
    return build(architecture("tiny", load_scheme("studio-89"))).eval()


def test_where_it_is_not_installed_auto_takes_torch_and_its_name_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    folder = blank_model(tmp_path, load_scheme("studio-89"))
    assert "OpenVINO" not in Predictor(folder, device="auto").device
    with pytest.raises(AnnotatorError, match=r"annotator-landmarks\[openvino\]"):
        Predictor(folder, device="openvino")


def test_it_is_not_compiled_by_torch_as_well(tmp_path: Path) -> None:
    with pytest.raises(AnnotatorError, match="leave one of the two away"):
        Predictor(blank_model(tmp_path, load_scheme("studio-89")), device="openvino", compiled=True)


def test_what_fails_unasked_is_told_and_torch_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ModelError("OpenVINO's answers differ from torch's by 3 pixels")

    monkeypatch.setattr(openvino_networks, "has_openvino", lambda: True)
    monkeypatch.setattr(openvino_networks, "use_openvino", fail)
    predictor = Predictor(blank_model(tmp_path, load_scheme("studio-89")), device="auto")
    if predictor.device == "cpu":
        assert predictor.notes == ("Proposing by torch: OpenVINO's answers differ from torch's by 3 pixels.",)
    assert "OpenVINO" not in predictor.device
    assert len(predictor.propose(np.zeros((64, 64, 3), np.uint8)).xy) == 89


@needs_openvino
def test_the_shipped_model_answers_as_by_torch() -> None:
    frame = area_resize(read_frame(next(SAMPLES.rglob("*.jpg"))), 512, 512)
    by_torch, by_openvino = (Predictor(SHIPPED, device=name) for name in ("cpu", "openvino"))
    assert by_openvino.device == "cpu by OpenVINO"
    one, other = (own.propose(frame, heatmaps=True) for own in (by_torch, by_openvino))
    np.testing.assert_allclose(other.xy, one.xy, atol=0.1)
    np.testing.assert_allclose(other.confidence, one.confidence, atol=0.01)
    assert [own.name for own in other.heatmaps] == [own.name for own in one.heatmaps]


@needs_openvino
def test_what_was_made_once_is_read_and_what_is_damaged_made_anew(
    model: AttentionDrivenCropping, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, again, third = (copy.deepcopy(model) for _ in range(3))
    use_openvino(first)
    made = sorted(cache.glob("*.blob"))
    assert made
    with monkeypatch.context() as patched:
        patched.setattr(openvino_networks, "onnx_bytes", lambda *_: pytest.fail("made again"))
        use_openvino(again)
    made[0].write_bytes(b"no network")
    use_openvino(third)
    assert made[0].stat().st_size > 100
    pictures = torch.rand(2, 3, model.config.proxy, model.config.proxy) * 255
    with torch.inference_mode():
        answers = [own.forward_global(pictures).logits_BLhw for own in (model, first, again, third)]
    for own in answers[1:]:
        torch.testing.assert_close(own, answers[0], atol=1e-3, rtol=1e-3)


@needs_openvino
def test_another_networks_answers_are_refused_and_nothing_changes(
    model: AttentionDrivenCropping, monkeypatch: pytest.MonkeyPatch
) -> None:
    with torch.no_grad():
        model.overview.heads[0].out.weight.normal_()  # type: ignore[index, union-attr]
    monkeypatch.setattr(
        openvino_networks,
        "portable",
        lambda network: build(architecture("tiny", load_scheme("studio-89"))).overview,
    )
    before = model.overview
    with pytest.raises(ModelError, match="differ from torch's"):
        use_openvino(model)
    assert model.overview is before


@needs_openvino
def test_it_does_not_report_its_use(model: AttentionDrivenCropping) -> None:
    use_openvino(model)
    assert sys.modules["openvino_telemetry"] is None
