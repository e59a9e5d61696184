"""Named sets that one command renders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from annotator.studio.dataset.jobs import RANDOM, TALKING, RenderOptions
from annotator.studio.errors import StudioError
from annotator.studio.person.expressions import expression_table

TRAIN_SUBJECTS = tuple(range(1000, 1024))
TEST_SUBJECTS = tuple(range(2000, 2023))
HELD_OUT_LOOK = "studio-b"
"""Never in a training preset, so that another studio can be measured."""


def paper_set(part: str = "train") -> RenderOptions:
    """The paper's set: 24 training or 23 test subjects x 24 expressions x 8 cameras at 4K."""
    subjects = TRAIN_SUBJECTS if part == "train" else TEST_SUBJECTS
    return RenderOptions(subjects, tuple(expression_table()), "dome-8", 4096, ("studio-a",))


def training(count: int = 8_000) -> RenderOptions:
    """Endless variety for a starter model: every capture another subject, expression, light and place."""
    looks = ("portrait",) * 7 + ("studio-a", "beauty")
    return RenderOptions(
        tuple(range(100_000, 100_000 + count)), (RANDOM,), "random:3", 1024, looks, jpeg_quality=92
    )


def hard(count: int = 2_000) -> RenderOptions:
    """What models find hardest, for training: as `training`, with more shut eyes, mouths at their limits, hands and glasses."""
    people = tuple(range(140_000, 140_000 + count))
    return replace(training(), subjects=people, hard=True)


def validation(count: int = 30) -> RenderOptions:
    """Other subjects in the look that is kept out of training."""
    return RenderOptions(
        tuple(range(900_000, 900_000 + count)), (RANDOM,), "random:2", 1024, (HELD_OUT_LOOK,), jpeg_quality=92
    )


def judged_4096(count: int = 24) -> RenderOptions:
    """What models are judged on: whole 4K frames of people that no other preset shows, one each, in the kept-out look."""
    return RenderOptions(
        tuple(range(950_000, 950_000 + count)), (RANDOM,), "random:1", 4096, (HELD_OUT_LOOK,), jpeg_quality=92
    )


def correction_loop(count: int = 50) -> RenderOptions:
    """What a simulated artist corrects and a model is then measured on: two frames each of still other people."""
    return RenderOptions(
        tuple(range(960_000, 960_000 + count)), (RANDOM,), "random:2", 1024, (HELD_OUT_LOOK,), jpeg_quality=92
    )


def every_expression() -> RenderOptions:
    """The named expressions from all cameras of the usual rig, in the kept-out look; another person in each."""
    shown: dict[int, tuple[str, ...]] = {
        980_000 + number: (name,) for number, name in enumerate(expression_table())
    }
    return RenderOptions(
        tuple(shown), ("neutral",), "dome-8", 1024, (HELD_OUT_LOOK,), jpeg_quality=92, expression_of=shown
    )


def samples() -> RenderOptions:
    """The captures shipped with the product: 3 subjects x 2 cameras at 4K."""
    shown: dict[int, tuple[str, ...]] = {3009: ("big_smile",), 3030: ("neutral",), 3032: ("mouth_open",)}
    return RenderOptions(
        tuple(shown), ("neutral",), "pair", 4096, ("studio-a",), jpeg_quality=86, expression_of=shown
    )


def talking(frames: int = 240) -> RenderOptions:
    """A subject that talks and turns for `frames` frames at 24 a second, before two cameras at 4K."""
    return RenderOptions((4001,), (TALKING,), "pair", 4096, ("studio-a",), takes=frames)


def takes(people: int = 24, frames: int = 64) -> RenderOptions:
    """What a tracker learns from: people who talk before two cameras held by hand, each in any look and view."""
    subjects = tuple(range(130_000, 130_000 + people))
    looks = ("portrait",) * 4 + ("studio-a", "beauty")
    return RenderOptions(
        subjects, (TALKING,), "random:2", 512, looks, takes=frames, jpeg_quality=92, shake=0.012
    )


def takes_judged(people: int = 4, frames: int = 96) -> RenderOptions:
    """What trackers are judged on: other people, in the kept-out look."""
    subjects = tuple(range(970_000, 970_000 + people))
    return RenderOptions(
        subjects, (TALKING,), "random:2", 512, (HELD_OUT_LOOK,), takes=frames, jpeg_quality=92, shake=0.012
    )


PRESETS: dict[str, Callable[[], RenderOptions]] = {
    "paper-set": paper_set,
    "paper-test": lambda: paper_set("test"),
    "training": training,
    "hard": hard,
    "validation": validation,
    "test-4096": judged_4096,
    "correction-loop": correction_loop,
    "expressions": every_expression,
    "samples": samples,
    "talking": talking,
    "takes": takes,
    "takes-judged": takes_judged,
}


def preset(name: str) -> RenderOptions:
    """Options of a preset by name; `StudioError` lists the names when it is unknown."""
    if name not in PRESETS:
        raise StudioError(f"there is no preset '{name}'; known are: {', '.join(PRESETS)}")
    return PRESETS[name]()


_LEARNT_FROM = ("paper-set", "training", "hard", "takes")
_JUDGED_ON = ("paper-test", "validation", "test-4096", "correction-loop", "expressions", "takes-judged")


def people(name: str, options: RenderOptions, first: int | None, count: int | None) -> RenderOptions:
    """The options of preset `name` with `count` subjects from number `first` on; None keeps the preset's own.

    Raises:
        StudioError: a model would learn from people whom another preset judges it on, or the other way round; or the people
            of the preset are chosen one by one.
    """
    usual = options.subjects
    if first is None and (count is None or count <= len(usual)):
        return replace(options, subjects=usual[:count])
    start = usual[0] if first is None else first
    wanted = tuple(range(start, start + (count or len(usual))))
    if options.expression_of:
        raise StudioError(
            f"the preset '{name}' shows {len(usual)} people chosen one by one: leave out --first-subject and ask for no more"
        )
    others = _JUDGED_ON if name in _LEARNT_FROM else _LEARNT_FROM if name in _JUDGED_ON else ()
    for other in others:
        shared = set(wanted) & set(PRESETS[other]().subjects)
        if shared:
            raise StudioError(
                f"subjects {min(shared)} to {max(shared)} belong to the preset '{other}': a model must not be judged on people it"
                " has learnt from; choose another --first-subject or fewer --subjects"
            )
    return replace(options, subjects=wanted)
