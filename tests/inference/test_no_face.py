"""Each cause of "No clear face" has words of its own, and what projects keep of older versions is understood."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from annotator.inference.no_face import is_no_face, why_no_face
from annotator.inference.other_faces import TAKEN
from annotator.inference.predictor import Predictor

from .conftest import FACE, SCHEME

Maker = Callable[..., Predictor]

CLEAR, UNCLEAR = TAKEN - 0.5, TAKEN + 0.5


def face(doubt: float, size: float) -> Any:
    return SimpleNamespace(doubt=doubt, points=SimpleNamespace(xy=FACE * size))


def readings(size: float, away: tuple[str, ...] = (), blind: tuple[str, ...] = ()) -> list[Any]:
    """The regions' answers: where the whole face says, or two faces' sizes off, or flat."""
    return [
        SimpleNamespace(
            region=region,
            readable=region.name not in blind,
            points=SimpleNamespace(
                xy=FACE[list(region.indices)] * size + (2 * size if region.name in away else 0.0)
            ),
        )
        for region in SCHEME.regions
    ]


NAMES = [region.name for region in SCHEME.regions]


@pytest.mark.parametrize(
    ("doubt", "size", "away", "blind", "others", "words"),
    [
        (UNCLEAR, 200.0, NAMES, [], 0, "nothing in this frame looks like one"),
        (CLEAR, 200.0, NAMES, [], 1, "2 places look like one"),
        (CLEAR, 20.0, NAMES, [], 0, "pixels across"),
        (CLEAR, 200.0, NAMES[:1], [], 0, f"but {SCHEME.regions[0].title.lower()} cannot be made out"),
        (CLEAR, 200.0, [], NAMES[1:2], 0, f"but {SCHEME.regions[1].title.lower()} cannot be made out"),
        (CLEAR, 200.0, NAMES, [], 0, "no part of it can be made out"),
    ],
)
def test_each_cause_has_its_words(
    doubt: float, size: float, away: list[str], blind: list[str], others: int, words: str
) -> None:
    found = why_no_face(face(doubt, size), readings(size, tuple(away), tuple(blind)), [FACE] * others, 0.08)
    assert words in found
    assert is_no_face(found)


def test_messages_of_earlier_versions_are_still_understood() -> None:
    assert is_no_face("No clear face: there is none, there are several, or this model cannot read it.")
    assert not is_no_face("2 faces in this frame: the landmarks are on the left one.")
    assert not is_no_face("")


def test_an_empty_frame_shows_nothing_that_looks_like_one(make_predictor: Maker) -> None:
    empty = make_predictor().propose(np.zeros((500, 700, 3), np.uint8))
    assert "nothing in this frame looks like one" in empty.message
