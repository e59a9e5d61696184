"""Cards that somebody wrote by hand, or a disk damaged: a clear error, never anything else."""

import pytest

from annotator.domain.errors import ModelError
from annotator.domain.model_card import ModelCard

_GOOD = ModelCard(
    "a", "s@1", {"name": "tiny", "landmarks": 3}, metrics={"nme": float("nan")}, parent="b"
).to_toml()


def test_a_card_is_read_back_even_where_a_figure_could_not_be_measured() -> None:
    card = ModelCard.from_toml(_GOOD)
    assert (card.id, card.parent, card.architecture["landmarks"]) == ("a", "b", 3)


@pytest.mark.parametrize("name", ["id", "scheme", "title", "licence", "sha256", "created", "parent"])
@pytest.mark.parametrize(
    "value",
    [
        "2026-01-01",
        "3",
        "1.5",
        "true",
        "[]",
        "{a = 1}",
        '"a\\u0000b"',
        '"two\\nlines"',
        '"' + "x" * 9999 + '"',
    ],
)
def test_a_text_is_a_short_line(name: str, value: str) -> None:
    lines = [line for line in _GOOD.splitlines() if not line.startswith(f"{name} =")]
    with pytest.raises(ModelError, match=name):
        ModelCard.from_toml("\n".join([f"{name} = {value}", *lines]))


@pytest.mark.parametrize("name", ["architecture", "preprocessing"])
@pytest.mark.parametrize("value", ["2026-01-01", "nan", "inf", "9" * 40, "[[1, 12:00:00]]", "{b = nan}"])
def test_what_a_network_is_made_of_is_finite_numbers_and_texts(name: str, value: str) -> None:
    text = _GOOD.replace("[architecture]", f"[{name}]\nmore = {value}") if name == "architecture" else None
    text = text or f"{_GOOD}\n[preprocessing.own]\nmore = {value}\n"
    with pytest.raises(ModelError):
        ModelCard.from_toml(text)


@pytest.mark.parametrize(
    "text", ["", "a = [", "schema = 1", 'schema = "1"', "schema = true", "x = " + "[" * 9000]
)
def test_what_is_no_card_is_told(text: str) -> None:
    with pytest.raises(ModelError):
        ModelCard.from_toml(text)
