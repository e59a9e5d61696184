"""Translated networks: what they need, and what they leave as it is."""

import copy

import pytest
import torch

from annotator.domain.errors import ModelError
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.nn.adc import AttentionDrivenCropping
from annotator.nn.compiled import compile_networks
from annotator.nn.zoo import architecture, build


@pytest.fixture
def model() -> AttentionDrivenCropping:
    return build(architecture("tiny", load_scheme("studio-89"))).eval()


def test_without_a_compiler_the_package_is_named(
    monkeypatch: pytest.MonkeyPatch, model: AttentionDrivenCropping
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(ModelError, match=r"g\+\+"):
        compile_networks(model, "cpu")
    compile_networks(model, "cuda")


def test_names_weights_and_answers_stay_and_copies_are_plain(model: AttentionDrivenCropping) -> None:
    pictures = torch.randint(0, 256, (2, 3, 128, 128), dtype=torch.uint8)
    before, names = model(pictures).xy_BL2, model.state_dict().keys()
    compile_networks(model, "cuda")
    assert model.state_dict().keys() == names
    plain = copy.deepcopy(model)
    with torch.compiler.set_stance("fail_on_recompile"):  # whatever would have to be translated now fails
        torch.testing.assert_close(plain(pictures).xy_BL2, before)
        with pytest.raises(RuntimeError):
            model(pictures)
    with torch.compiler.set_stance("force_eager"):  # the compiler itself takes minutes
        torch.testing.assert_close(model(pictures).xy_BL2, before)
