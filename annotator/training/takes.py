"""Which frames of a set follow one another: read from their names, as renders and 300-VW have them."""

import re
from collections.abc import Iterable, Sequence

_RENDERED = re.compile(r"(?P<head>.*\btalking_)(?P<index>\d+)(?P<tail>/[^/]+)")
_ANNOTATED = re.compile(r"(?P<head>.*\bannot/[^/]*?)(?P<index>\d+)(?P<tail>\.[^/.]+)")


def place_in_take(name: str) -> tuple[str, int] | None:
    """A frame's take (anything that is the same for all its frames) and number; None for a still.

    `SUBJECT/talking_0003/CAMERA.jpg` is a rendered take, `VIDEO/annot/000003.EXT` a video of 300-VW.
    """
    found = _RENDERED.fullmatch(name) or _ANNOTATED.fullmatch(name)
    return None if found is None else (found["head"] + "#" + found["tail"], int(found["index"]))


class TakeIndex:
    """The followers of samples by their numbers; it grows with its source."""

    def __init__(self) -> None:
        self._places: list[tuple[str, int] | None] = []
        self._numbers: dict[tuple[str, int], int] = {}

    def add(self, names: Iterable[str]) -> None:
        """Samples that came next, by name."""
        for name in names:
            place = place_in_take(name)
            if place is not None:
                self._numbers[place] = len(self._places)
            self._places.append(place)

    def following(self, number: int, count: int) -> Sequence[int]:
        """Sample `number` and those that follow it, `count` at most; itself alone where it is a still."""
        place = self._places[number]
        if place is None:
            return [number]
        found = []
        for index in range(place[1], place[1] + count):
            follower = self._numbers.get((place[0], index))
            if follower is None:
                break
            found.append(follower)
        return found
