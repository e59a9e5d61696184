"""Timing that is summed up right, and benchmarks that run whole at a tiny size."""

import pytest

from annotator.domain.progress import Cancelled
from annotator.research.bench.machine import machine
from annotator.research.bench.measure import StepTimes, peak_memory, repetitions, rows, summarise
from annotator.research.bench.project import bench_project


def test_summary_by_hand() -> None:
    timing = summarise([0.1, 0.3, 0.2], base=0.1)
    assert (timing.median, timing.least, timing.most, timing.repetitions) == (0.2, 0.1, 0.3, 3)
    assert timing.ratio == pytest.approx(2.0)
    assert timing.p99 == pytest.approx(0.2 + 0.98 * 0.1)


def test_ratios_are_to_the_reference_of_the_same_run() -> None:
    watch = StepTimes()
    for seconds in (0.5, 0.25, 0.25):
        watch.add("decode", seconds)
        watch.add("total", 4 * seconds)
    timings = watch.timings("decode")
    assert timings["decode"].ratio == 1.0
    assert timings["total"].ratio == 4.0
    assert rows(timings)[1] == ("total", 1000.0, 1980.0, 4.0, 3)


def test_the_warm_up_is_forgotten_and_results_come_through() -> None:
    watch = StepTimes()
    watch.add("step", 9.0)
    watch.forget()
    assert watch.time("step", lambda: 42) == 42
    assert watch.timings()["step"].repetitions == 1
    assert watch.timings()["step"].most < 9.0


def test_repetitions_stop_between_two() -> None:
    seen: list[int] = []

    def run() -> None:
        for number in repetitions(5, lambda: len(seen) == 2):
            seen.append(number)

    with pytest.raises(Cancelled):
        run()
    assert seen == [0, 1]


def test_machine_and_memory_are_told() -> None:
    told = machine()
    assert told["cores"] >= 1
    assert "torch" in told["packages"]
    assert told["date"].endswith("+00:00")
    assert peak_memory() > 2**20


def test_a_small_project_is_measured_whole() -> None:
    figures = bench_project(frames=40, count=2, proposals=20)
    assert (figures.frames, figures.proposals) == (40, 20)
    assert set(figures.timings) == {
        "fill",
        "propose",
        "open",
        "list",
        "last row",
        "columns",
        "next unreviewed",
        "next uncertain",
        "queue uncertain",
        "queue uncertain, processor",
        "queue disagreement",
        "queue disagreement, processor",
        "queue label-errors",
        "queue label-errors, processor",
        "queue cameras-disagree",
        "queue cameras-disagree, processor",
        "queue breaks-in-motion",
        "queue breaks-in-motion, processor",
        "queue least-covered",
        "queue least-covered, processor",
        "queue notes",
        "queue notes, processor",
        "queue mine",
        "queue mine, processor",
        "queue conflicts",
        "queue conflicts, processor",
        "commit",
    }
    assert figures.timings["commit"].ratio == 1.0
    assert figures.timings["open"].repetitions == 2


def test_hours_of_the_papers_set_by_hand() -> None:
    from annotator.research.bench.render import paper_hours

    watch = StepTimes()
    watch.add("first 4096", 10.0)
    watch.add("further 4096", 2.0)
    # 47 subjects x 24 expressions, each one first and seven further cameras
    assert paper_hours(watch.timings()) == pytest.approx(1128 * (10.0 + 7 * 2.0) / 3600)
    watch.drop("first 4096")
    assert paper_hours(watch.timings()) is None
