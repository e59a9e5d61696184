"""Choosing a processor, and telling memory trouble from other trouble."""

import pytest
import torch

from annotator.domain.errors import AnnotatorError
from annotator.nn.device import choose_device, is_out_of_memory


def test_auto_gives_a_device_that_works() -> None:
    device = choose_device("auto")
    assert torch.ones(2, device=device).sum().item() == 2.0
    assert choose_device("cpu").type == "cpu"


@pytest.mark.parametrize(
    ("name", "advice"), [("tpu", "choose one of"), ("cuda:99", "choose 'auto' or 'cpu'")]
)
def test_what_is_not_there_is_refused_with_advice(name: str, advice: str) -> None:
    with pytest.raises(AnnotatorError, match=advice):
        choose_device(name)


def test_memory_errors_are_told_from_others() -> None:
    assert is_out_of_memory(torch.cuda.OutOfMemoryError("x"))
    assert is_out_of_memory(RuntimeError("MPS backend out of memory (MPS allocated: 1 GB)"))
    assert is_out_of_memory(RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to"))
    assert is_out_of_memory(MemoryError())
    assert not is_out_of_memory(RuntimeError("shapes do not match"))
    assert not is_out_of_memory(ValueError("out of memory"))
