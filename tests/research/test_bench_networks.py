"""What architectures cost: memory that is counted right, 1D heatmaps that save it, figures that are whole."""

import sys
from pathlib import Path

import pytest
import torch

from annotator.domain.errors import ModelError
from annotator.domain.model_card import ModelCard
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.nn.blocks import Head
from annotator.nn.checkpoint import save_model
from annotator.nn.zoo import architecture, build
from annotator.research.bench.measure import resident_peak
from annotator.research.bench.networks import (
    Candidate,
    NetworkBench,
    bench_networks,
    candidates,
    heatmap_candidates,
    peak_bytes,
    quantisation,
)
from annotator.research.bench.runtimes import REFERENCE, bench_runtimes

SCHEME = load_scheme("studio-89")
MIB = 1 << 20


def test_peak_memory_counts_what_lives_at_once() -> None:
    def work() -> None:
        a = torch.zeros(MIB)  # 4 MiB
        b = a + 1  # 8
        del a  # 4
        c = b + 1  # 8
        del b, c
        torch.zeros(2 * MIB)  # 8

    assert peak_bytes(torch.device("cpu"), work) == pytest.approx(8 * MIB, rel=0.01)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems keep a process's peak for good")
def test_the_process_grows_by_what_lives_at_once_and_forgets_it() -> None:
    def work() -> None:
        for _ in range(3):
            torch.zeros(16 * MIB).add_(1)  # 64 MiB, all of it written

    for _ in range(2):
        grown = resident_peak(work)
        assert grown is not None
        assert 60 * MIB < grown < 100 * MIB


def test_a_tracker_looks_back_for_little_more_than_its_detector() -> None:
    chosen = candidates(["heatmap-1d", "heatmap-1d-tracker"], 8, None)
    detector, tracker = bench_networks(chosen, SCHEME, NetworkBench(256, 2, 1, "cpu"))
    assert tracker.cells == detector.cells == 128
    assert tracker.parameters > detector.parameters
    assert detector.step_bytes is not None
    assert tracker.step_bytes is not None
    assert tracker.step_bytes < 2 * detector.step_bytes


def test_1d_heatmaps_hold_less_than_2d_ones_of_equal_resolution() -> None:
    chosen = [own for own in heatmap_candidates(8) if "128" in own.name]
    two, one = bench_networks(chosen, SCHEME, NetworkBench(256, 1, 1, "cpu"))
    assert (two.name, one.name) == ("2D, 128 cells", "1D, 128 cells")
    assert two.cells == one.cells == 128
    assert two.step_bytes is not None
    assert one.step_bytes is not None
    assert one.step_bytes < 0.6 * two.step_bytes
    if sys.platform == "linux":
        assert one.step_resident is not None
        assert two.step_resident is not None
        assert one.step_resident < two.step_resident
    assert one.rounding == two.rounding


def test_recomputing_holds_less_and_figures_are_whole() -> None:
    changes = {"overview": {"channels": 48, "stride": 4}, "regional": {"channels": 48}, "crop": 64}
    again = {
        name: {**own, "recompute": True} if isinstance(own, dict) else own for name, own in changes.items()
    }
    chosen = [Candidate("plain", "adc", changes), Candidate("again", "adc", again)]
    told: list[str] = []
    options = NetworkBench(256, 1, 2, "cpu")
    plain, recomputed = bench_networks(chosen, SCHEME, options, lambda done, total, name: told.append(name))
    assert told == ["plain", "again", ""]
    assert plain.parameters == recomputed.parameters
    assert plain.frame.repetitions == 2
    assert plain.step_bytes is not None
    assert recomputed.step_bytes is not None
    assert recomputed.step_bytes < 0.8 * plain.step_bytes
    assert plain.step_seconds is not None


def test_large_frames_train_region_by_region() -> None:
    changes = {"overview": {"channels": 8, "stride": 4}, "regional": {"channels": 8}, "crop": 64}
    (figures,) = bench_networks([Candidate("adc", "adc", changes)], SCHEME, NetworkBench(2048, 1, 1, "cpu"))
    assert figures.cells == 32
    assert figures.step_bytes is not None


def test_candidates_are_changed_where_they_can_be() -> None:
    found = {own.name: own.changes for own in candidates(["adc", "cnn6", "fan-4"], 32, 128, recompute=True)}
    part = {"channels": 32, "recompute": True}
    assert found == {
        "adc": {"overview": part, "regional": part, "crop": 128},
        "cnn6": {},
        "fan-4": {"overview": part},
    }
    with pytest.raises(ModelError, match="no architecture 'nothing'"):
        bench_networks(candidates(["nothing"], None, None), SCHEME, NetworkBench(64, 1, 1, "cpu"))


def test_rounding_is_that_of_a_square_cell() -> None:
    # mean distance of a uniform point from the centre of a unit square: (sqrt 2 + asinh 1) / 6
    rounding, soft = quantisation(64, 256)
    assert rounding == pytest.approx(4 * 0.3826, rel=0.03)
    assert soft < 0.01


def test_runtimes_agree_on_the_points(tmp_path: Path) -> None:
    description = architecture("tiny", SCHEME)
    torch.manual_seed(0)
    model = build(description)
    for module in model.modules():
        if isinstance(module, Head):
            torch.nn.init.normal_(module.out.weight, std=0.5)
    save_model(tmp_path / "tiny", model, ModelCard("tiny", SCHEME.id, description))
    figures = bench_runtimes(tmp_path / "tiny", count=1)
    assert {own.network for own in figures} == {"global", "regional"}
    by_kind = {own.runtime: own for own in figures if own.network == "global"}
    assert by_kind[REFERENCE].ratio == 1.0
    for own in figures:
        assert own.difference < (1.5 if "bf" in own.runtime else 0.01), own
