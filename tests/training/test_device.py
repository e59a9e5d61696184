"""Half precision only where the device is fast at it."""

import pytest
import torch

from annotator.training.device import usable_precision


@pytest.mark.parametrize(("supported", "expected"), [(True, "bf16-mixed"), (False, "32-true")])
def test_cpus_use_bfloat16_only_with_instructions_for_it(
    monkeypatch: pytest.MonkeyPatch, supported: bool, expected: str
) -> None:
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: supported, raising=False)
    assert usable_precision("bf16-mixed", "cpu") == expected
    assert usable_precision("16-mixed", "cpu") == "32-true"


def test_cuda_cards_without_bfloat16_use_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation=True: False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert usable_precision("bf16-mixed", "auto") == "32-true"
    assert usable_precision("16-mixed", "auto") == "16-mixed"
    assert usable_precision("32-true", "cuda") == "32-true"


def test_apple_gpus_use_float32() -> None:
    assert usable_precision("bf16-mixed", "mps") == "32-true"
