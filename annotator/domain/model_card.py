"""What is known of a model: the `model.toml` beside its weights."""

import tomllib
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import tomli_w

from annotator.domain.errors import ModelError

SCHEMA = 1
CARD, WEIGHTS = "model.toml", "weights.safetensors"
SHAPES_FILE = "shapes.safetensors"
"""What whole faces look like (`inference.shape_prior`), beside the weights of models that know it."""
_IMPORTED = "import"


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
        """Reads `model.toml`; raises `ModelError` where it is damaged, incomplete or newer than this version."""
        try:
            data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ModelError(f"model.toml is not valid TOML: {error}") from error
        schema = data.pop("schema", None)
        if not isinstance(schema, int) or schema > SCHEMA:
            raise ModelError(
                f"model.toml has schema {schema!r}; this version reads up to {SCHEMA}. Update Annotator."
            )
        known = {f.name for f in fields(cls)}
        missing = {"id", "scheme", "architecture"} - data.keys()
        if missing:
            raise ModelError(f"model.toml lacks {', '.join(sorted(missing))}")
        return cls(**{key: value for key, value in data.items() if key in known})


def read_card(folder: Path) -> ModelCard:
    """The card of a model folder, without its weights; raises ModelError naming the file where it is missing or damaged."""
    path = folder / CARD
    try:
        return ModelCard.from_toml(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError(
            f"{folder} is no model folder: it has no {CARD}. Choose a folder that holds {CARD} and {WEIGHTS}."
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"{path} cannot be read: {error}.") from error
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from error
