"""How the benchmarks' figures are printed."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotator.cli.console import human_size, print_json, print_table, say, warn

if TYPE_CHECKING:  # the services are loaded only when the command runs
    from annotator.research.bench.farm import FarmFigures
    from annotator.research.bench.kills.matrix import KillFigures
    from annotator.research.bench.tracker import TrackBench
    from annotator.research.correction_loop import LoopPoint


def print_window(figures: dict[str, Any]) -> None:
    """The window's figures: timings, stalls and memory where they were measured."""
    columns = ("step", "median ms", "p99 ms", "x plain view", "CPU ms", "CPU p99 ms", "n")
    print_table(figures["title"], columns, _window_rows(figures["timings"]))
    if "rig_timings" in figures:
        kept = figures["rig_memory"]
        print_table("with views of one moment", columns, _window_rows(figures["rig_timings"]))
        say(
            f"{kept['views']} views in full: {human_size(kept['pixels'])} of pixels, {human_size(kept['resident'])} in all"
        )
    gaps = [
        (during, round(t["most"] * 1e3, 1), round(t["p99"] * 1e3, 1), t["repetitions"])
        for during, t in figures.get("stalls", {}).items()
    ]
    if gaps:
        print_table("event loop, gaps between 2 ms ticks", ("while", "longest ms", "p99 ms", "ticks"), gaps)
    if "memory" in figures:
        kept = figures["memory"]
        grown = f"{kept['per_switch'] / 1024:+.2f} KiB a switch"
        say(f"{kept['switches']} switches: {human_size(kept['start'])} to {human_size(kept['end'])}, {grown}")
    say(f"peak memory {human_size(figures['memory_peak'])}")
    print_machine(figures["machine"])


def _window_rows(timings: dict[str, Any]) -> list[tuple[object, ...]]:
    def milliseconds(value: float | None) -> float | None:
        return None if value is None else round(value * 1e3, 2)

    return [
        (
            step,
            milliseconds(t["median"]),
            milliseconds(t["p99"]),
            t["ratio"] and round(t["ratio"], 2),
            milliseconds(t["processor"]),
            milliseconds(t["processor_p99"]),
            t["repetitions"],
        )
        for step, t in timings.items()
    ]


def print_take_in_window(figures: dict[str, Any]) -> None:
    """How a take behaves in the window: wall clock beside processor time."""
    rows = [
        (
            step,
            round(wall["median"] * 1e3, 1),
            round(wall["p99"] * 1e3, 1),
            round(figures["processor"][step]["median"] * 1e3, 1),
            wall["repetitions"],
        )
        for step, wall in figures["wall"].items()
    ]
    title = f"a take of {figures['frames']:,} frames in the window"
    print_table(title, ("step", "median ms", "p99 ms", "own thread, processor ms", "n"), rows)
    scrub, play = figures["scrub"], figures["play"]
    say(f"scrubbing: {scrub['with_picture']} of {scrub['steps']} frames had their picture")
    say(
        f"playing at {play['rate']:g} a second: {play['seen_a_second']:.1f} seen a second, the event loop away for at most "
        f"{play['longest_gap'] * 1e3:.0f} ms, {play['processor_a_second']:.0%} of a processor in its own thread"
    )
    print_machine(figures["machine"])


def print_mutations(figures: dict[str, Any], out: Path) -> None:
    """How many damaged inputs of each kind came to which end."""
    ends = ("fine", "told", "crash", "traceback", "hang", "memory")
    rows = [(kind, *(counts.get(end, 0) for end in ends)) for kind, counts in figures["kinds"].items()]
    print_table(f"{figures['inputs']:,} damaged inputs", ("kind", *ends), rows)
    say(
        f"longest {figures['longest_seconds']:.1f} s of processor time, largest {human_size(figures['most_memory'])}; "
        f"what failed is in {out / 'failures'}"
    )


def print_report(figures: Any, title: str, ratio: str, json: bool) -> None:
    """Print figures that have `timings`, `memory_peak` and `machine`."""
    if json:
        print_json(figures)
        return
    from annotator.research.bench.measure import rows

    print_table(title, ("step", "median ms", "p99 ms", ratio, "n"), rows(figures.timings))
    say(f"peak memory {human_size(figures.memory_peak)}")
    print_machine(figures.machine)


def print_loop(title: str, points: "Sequence[LoopPoint]", machine: dict[str, Any]) -> None:
    """What corrections are worth, one row a number of corrected frames."""
    columns = ("corrected", "NME %", "without offsets", "to correct %", "without offsets", "seconds")
    rows = [
        (p.corrected, p.nme, p.nme_without_offsets, p.to_correct, p.to_correct_without_offsets, p.seconds)
        for p in points
    ]
    print_table(title, columns, rows)
    print_machine(machine)


def print_suggestions(title: str, figures: dict[str, Any]) -> None:
    """What carrying a correction on is worth, one row a region."""
    columns = (
        "region",
        "n",
        "shown",
        "px before",
        "px after",
        "change %",
        "95 %",
        "nearer %",
        "rest px",
        "rest after",
    )
    names = ("regions", "shown", "before", "after", "change")
    rows = [
        (
            *(name, *(s[own] for own in names), f"{s['low']:.0f} .. {s['high']:.0f}"),
            *(s["better"], s["rest_before"], s["rest_after"]),
        )
        for name, s in figures["scores"].items()
    ]
    print_table(title, columns, rows)
    print_machine(figures["machine"])


def print_rig(figures: dict[str, Any]) -> None:
    """What the other cameras are worth, a row a calibration and number of corrected views."""
    columns = (
        *("calibration", "refined", "misfit px", "corrected", "single %", "NME %", "median", "p95"),
        *("beyond 0.5 %, single", "beyond 0.5 %", "mouth, single", "mouth", "in 1, 2 sigma %"),
    )
    names = (
        *("misfit", "corrected", "single", "nme", "median", "p95"),
        *("single_beyond", "beyond", "single_mouth", "mouth"),
    )
    rows = [
        (
            *(row["calibration"], "yes" if row["refined"] else ""),
            *(row[name] for name in names),
            ", ".join(f"{share:.0f}" for share in row["inside"]),
        )
        for row in figures["rows"]
    ]
    title = f"{figures['moments']} moments x {figures['views']} views, {figures['model']}, synthetic, seed {figures['seed']}"
    print_table(title, columns, rows)
    time, processor = (figures["timings"][name] for name in ("triangulate", "processor"))
    say(
        f"{figures['landmarks']} x {figures['views']} triangulated in {time['median'] * 1e3:.2f} ms "
        f"(p99 {time['p99'] * 1e3:.2f}, of the processor {processor['median'] * 1e3:.2f}); "
        f"peak memory {human_size(figures['memory_peak'])}"
    )
    print_machine(figures["machine"])


def print_take(title: str, figures: dict[str, Any]) -> None:
    """What keys are worth, one row a method and share of keys."""
    columns = (
        "keys",
        "chosen",
        "method",
        "NME %",
        "beyond 0.5 %",
        "without outline",
        "jitter x truth",
        "usual jitter",
    )
    rows = [
        (
            *(f"{s['share']:.0%} ({s['number']})", s["keys"], s["method"], round(s["nme"], 2)),
            *(
                f"{s['beyond']:.0f} %",
                f"{s['inner']:.0f} %",
                round(s["jitter"], 2),
                round(s["usual_jitter"], 1),
            ),
        )
        for s in figures["scores"]
    ]
    sequences = ", ".join(f"{name} ({frames})" for name, frames in figures["sequences"].items())
    print_table(f"{title}: {sequences}", columns, rows)
    print_machine(figures["machine"])


def print_tracker(figures: "TrackBench") -> None:
    """A tracker beside what sees frame by frame; intervals are over subjects."""
    columns = (
        *("system", "NME %", "95 %", "tracker less that", "beyond 0.5 %", "jitter x truth", "of errors %"),
        *("inside 1 sigma %", "s/frame", "shots"),
    )
    rows = []
    for own in figures.figures:
        away = figures.differences.get(own.system)
        rows.append(
            (
                *(own.system, round(own.nme.value, 3), f"{own.nme.low:.2f} - {own.nme.high:.2f}"),
                None if away is None else f"{-away.value:+.3f} ({-away.high:+.3f} to {-away.low:+.3f})",
                *(round(own.far, 1), round(own.jitter, 2), round(own.unsteady, 3), round(own.inside, 1)),
                *(round(own.seconds, 3), own.shots),
            )
        )
    print_table(f"{figures.frames} frames of {figures.takes} takes", columns, rows)
    print_machine(dict(figures.machine))


def print_kills(figures: "KillFigures") -> None:
    """The kill matrix, and what was wrong, if anything was."""
    rows = [(row.name, row.writes, row.kills, row.full, len(row.bad)) for row in figures.rows]
    total = ("all", *(sum(int(row[column]) for row in rows) for column in range(1, 5)))
    columns = ("operation", "writes", "kills", "full disks", "bad")
    print_table("old or new is left, and it works again", columns, [*rows, total])
    for row in figures.rows:
        for wrong in row.bad:
            warn(f"{row.name}: {wrong}")
    print_machine(figures.machine)


def print_machine(machine: dict[str, Any]) -> None:
    """What was measured on, and when."""
    gpus = "; ".join(machine["gpus"]) or "no GPU"
    say(f"{machine['processor']}, {machine['cores']} cores, {human_size(machine['memory'])}, {gpus}")
    say(f"Python {machine['python']}, " + ", ".join(f"{k} {v}" for k, v in machine["packages"].items()))
    say(machine["date"])


def print_farm(figures: "FarmFigures") -> None:
    """What shards took here, and what more workers would take on paper."""
    from annotator.research.bench.farm import PAPER_FRAMES

    runs = [
        (run.workers, run.frames, f"{run.processor_a_frame:.2f}", f"{run.clock:.0f}") for run in figures.runs
    ]
    columns = ("workers", "frames", "s of processor a frame", "s in all")
    print_table(f"{figures.image} by {figures.model}, measured", columns, runs)
    say(
        f"start of a worker: {figures.start:.1f} s of processor, at most {human_size(figures.memory)} of memory each"
    )
    say(f"merge: {figures.merge * 1000:.1f} ms a frame, by one machine")
    paper = [
        (row.workers, f"{row.minutes:.1f}", f"{row.faster:.0f}", f"{row.used:.0%}") for row in figures.paper
    ]
    columns = ("workers", "minutes", "times faster", "of their time at work")
    print_table(f"{PAPER_FRAMES:,} frames, on paper", columns, paper)
