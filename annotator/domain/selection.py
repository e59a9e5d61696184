"""A few out of many."""

from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")


def evenly(items: Sequence[Item], most: int) -> list[Item]:
    """At most so many of the items, evenly from the first to the last; all where there are no more, none for zero or less."""
    if most <= 0:
        return []
    if len(items) <= most:
        return list(items)
    step = (len(items) - 1) / max(most - 1, 1)
    return [items[round(number * step)] for number in range(most)]
