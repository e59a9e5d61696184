"""A take in time: rates as people write them, numbers from the index, gaps that are told, handles."""

from fractions import Fraction

import pytest

from annotator.domain.capture import Frame
from annotator.domain.takes.take import TakeError, TakeSettings, frame_number, frame_rate, sequence_of


def frames(*indices: str) -> list[Frame]:
    return [
        Frame(number, f"ada/talk/left/{index or number}.jpg", "ada", "talk", "left", index, 640, 480)
        for number, index in enumerate(indices, 1)
    ]


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("24", Fraction(24)),
        ("23.976", Fraction(24000, 1001)),
        ("23.98", Fraction(24000, 1001)),
        ("29.97", Fraction(30000, 1001)),
        ("59.94", Fraction(60000, 1001)),
        ("24000/1001", Fraction(24000, 1001)),
        ("12.5", Fraction(25, 2)),
        ("1/2", Fraction(1, 2)),
        ("1000", Fraction(1000)),
    ],
)
def test_rates_are_read_as_people_write_them(text: str, rate: Fraction) -> None:
    assert frame_rate(text) == rate


@pytest.mark.parametrize("text", ["", "film", "0", "-24", "1/0", "nan", "inf", "1000001"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(TakeError):
        frame_rate(text)


@pytest.mark.parametrize(
    ("index", "number"), [("0012", 12), ("f_0101", 101), ("a2_7", 7), ("", None), ("neutral", None)]
)
def test_the_number_of_a_frame_is_its_last_digits(index: str, number: int | None) -> None:
    assert frame_number(index) == number


def test_frames_come_in_the_order_of_their_numbers_and_gaps_are_told_not_closed() -> None:
    found = sequence_of(frames("10", "9", "14", "11", "20"), TakeSettings(Fraction(10)))
    assert found.numbers.tolist() == [9, 10, 11, 14, 20]
    assert found.frame_ids.tolist() == [2, 1, 4, 3, 5]
    assert found.gaps == ((12, 13), (15, 19))
    assert found.seconds.tolist() == pytest.approx([0, 0.1, 0.2, 0.5, 1.1])
    assert found.place(14) == 3
    with pytest.raises(TakeError, match="ada / talk / left has no frame 12"):
        found.place(12)
    assert found.text == "ada / talk / left: frames 9 to 20, 10 a second, missing 12 to 13 and 1 more gap"


def test_frames_without_numbers_are_counted_or_left_out_where_others_have_one() -> None:
    assert sequence_of(frames("", "")).numbers.tolist() == [1, 2]
    found = sequence_of(frames("3", "", "3", "4"))
    assert found.numbers.tolist() == [3, 4]
    assert found.left_out == {
        2: "ada/talk/left/2.jpg has no number",
        3: "ada/talk/left/3.jpg has the number 3 of another frame",
    }


def test_handles_are_worked_on_and_not_wanted() -> None:
    found = sequence_of(frames(*map(str, range(1, 21))), TakeSettings(first=8, last=12, handles=3))
    assert found.numbers.tolist() == list(range(5, 16))
    assert found.numbers[found.is_wanted].tolist() == [8, 9, 10, 11, 12]
    assert found.between(7, None).numbers.tolist() == list(range(7, 16))


def test_what_no_take_has_is_refused() -> None:
    for wrong in ({"first": 3, "last": 2}, {"handles": -1}, {"rate": Fraction(0)}):
        with pytest.raises(TakeError):
            TakeSettings(**wrong)
    with pytest.raises(TakeError, match="at least one frame"):
        sequence_of([])
