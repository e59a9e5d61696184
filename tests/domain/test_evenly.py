"""A few out of many, evenly."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from annotator.domain.capture import evenly


def test_from_the_first_to_the_last() -> None:
    assert evenly(range(101), 5) == [0, 25, 50, 75, 100]
    assert evenly("abcdef", 2) == ["a", "f"]
    assert evenly("abc", 1) == ["a"]


def test_few_items_are_all_taken_and_none_where_none_is_wanted() -> None:
    assert evenly((3, 5, 9), 4) == [3, 5, 9]
    assert evenly((3, 5, 9), 0) == evenly((3, 5, 9), -2) == evenly((), 3) == []


@given(count=st.integers(1, 400), most=st.integers(2, 400))
def test_in_order_without_repeats_and_with_gaps_of_a_kind(count: int, most: int) -> None:
    chosen = evenly(range(count), most)
    assert len(chosen) == min(count, most)
    gaps = {b - a for a, b in pairwise(chosen)}
    assert min(gaps, default=1) >= 1
    assert max(gaps, default=1) - min(gaps, default=1) <= 1
