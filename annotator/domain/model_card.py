"""What is known of a model: the `model.toml` beside its weights."""

import math
from dataclasses import MISSING, asdict, dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

import tomli_w

from annotator.domain.errors import ModelError
from annotator.domain.outside_files import parse_toml, read_outside_text

SCHEMA = 1
CARD, WEIGHTS = "model.toml", "weights.safetensors"
SHAPES_FILE = "shapes.safetensors"
"""What whole faces look like (`inference.shape_prior`), beside the weights of models that know it."""
SCHEME_FILE = "scheme.toml"
"""A model of a scheme that is not shipped carries it in its folder under this name."""
_IMPORTED = "import"
_MOST_CHARACTERS = 500


@dataclass(frozen=True)
class ModelCard:
    """A model's identity and history.

    Attributes:
        id: unique name, such as `starter` or `myshow-2026-11-21-1`. title: for people.
        scheme: scheme id such as `studio-89@1`.
        architecture: what `nn.zoo.build` takes. preprocessing: proxy size, crop margin, value scaling, temperature.
        data, metrics: what it was trained on, and how well it did; every figure with its data set's name.
        licence: SPDX id. parent: id of the model it was fine-tuned from. sha256: of the weights file.
        created: ISO 8601 time in UTC.
    """

    id: str
    scheme: str
    architecture: dict[str, Any]
    title: str = ""
    preprocessing: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    licence: str = "Apache-2.0"
    parent: str | None = None
    sha256: str = ""
    created: str = ""

    @classmethod
    def imported(cls, format_name: str, scheme_id: str) -> "ModelCard":
        """Stands for the proposals that came in files of one format, so that they can be shown like a model's."""
        title = f"Imported ({format_name})"
        return cls(f"{_IMPORTED}:{format_name}", scheme_id, {"name": _IMPORTED}, title, licence="")

    @property
    def is_imported(self) -> bool:
        """True where there is no network behind the proposals."""
        return self.architecture.get("name") == _IMPORTED

    def check_scheme(self, held: str) -> None:
        """Raises `ModelError` where the model places another scheme than the one that a project holds, and says what to do."""
        if self.scheme == held:
            return
        message = f"Model {self.id} places {self.scheme}, the project holds {held}."
        if self.scheme.partition("@")[0] != held.partition("@")[0]:
            raise ModelError(f"{message} Choose another model.")
        raise ModelError(
            f"{message} Landmarks of the same name lie elsewhere: choose a model of {held}, or teach this one on data of {held} "
            "(annotator train --data FOLDER --model, with --scheme)."
        )

    def to_toml(self) -> str:
        """The text of `model.toml`; `from_toml` reads it back as an equal card. None is left out: TOML has no null."""
        values = {key: value for key, value in asdict(self).items() if value is not None}
        return tomli_w.dumps({"schema": SCHEMA, **values})

    @classmethod
    def from_toml(cls, text: str) -> "ModelCard":
        """Reads `model.toml`; raises `ModelError` where it is damaged, incomplete or newer than this version. The same text
        gives the same card, whose tables nobody may change."""
        return _card_of(text)


@lru_cache(maxsize=128)  # parsing one takes longer than painting a frame
def _card_of(text: str) -> ModelCard:
    try:
        data = parse_toml(text)
    except ValueError as error:
        raise ModelError(f"model.toml is not valid TOML: {error}") from error
    schema = data.pop("schema", None)
    if type(schema) is not int or schema > SCHEMA:
        raise ModelError(
            f"model.toml has schema {schema!r}; this version reads up to {SCHEMA}. Update Annotator."
        )
    missing = {"id", "scheme", "architecture"} - data.keys()
    if missing:
        raise ModelError(f"model.toml lacks {', '.join(sorted(missing))}")
    return ModelCard(**{f.name: _checked(f.name, data[f.name]) for f in fields(ModelCard) if f.name in data})


_TABLES = {f.name for f in fields(ModelCard) if f.default is MISSING and f.name not in ("id", "scheme")}


def _checked(name: str, value: Any) -> Any:
    """A value of the card that is of the kind its field asks for; raises `ModelError`."""
    if name in _TABLES:
        if not isinstance(value, dict):
            raise ModelError(f"model.toml: {name} must be a table, not {_short(value)}")
        _check_plain(name, value)
    elif not isinstance(value, str):
        raise ModelError(f"model.toml: {name} must be a text in quotes, not {_short(value)}")
    elif len(value) > _MOST_CHARACTERS or not value.isprintable() or (name == "id" and not value.strip()):
        raise ModelError(f"model.toml: {name} must be a short line of text, not {_short(value)}")
    return value


def _check_plain(where: str, value: Any) -> None:
    """Texts, numbers, switches, lists and tables, as those who use a card rely on; what the network is made of is finite."""
    if isinstance(value, dict):
        for key, inner in value.items():
            _check_plain(f"{where}.{key}", inner)
    elif isinstance(value, list):
        for inner in value:
            _check_plain(where, inner)
    elif isinstance(value, int | float):
        may_lack = where.startswith(("metrics", "data"))  # a figure that could not be measured is NaN there
        if abs(value) >= 2**63 or not (may_lack or math.isfinite(value)):
            raise ModelError(f"model.toml: {where} must be a finite number, not {_short(value)}")
    elif not isinstance(value, str):
        raise ModelError(f"model.toml: {where} must be a text or a number, not {_short(value)}")


def _short(value: Any) -> str:
    """A value as it is quoted in a message."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def read_card(folder: Path) -> ModelCard:
    """The card of a model folder, without its weights; raises ModelError naming the file where it is missing or damaged."""
    path = folder / CARD
    try:
        return ModelCard.from_toml(read_outside_text(path))
    except FileNotFoundError as error:
        raise ModelError(
            f"{folder} is no model folder: it has no {CARD}. Choose a folder that holds {CARD} and {WEIGHTS}."
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"{path} cannot be read: {error}.") from error
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from error
