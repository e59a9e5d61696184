"""Recipes: TOML files that say how a network is trained, the shipped ones and a studio's own.

A file's name is the recipe's. It states keys of `TrainingConfig`; `base` names a recipe whose values hold for all that it does
not state, tables key by key, lists as a whole. `resources/recipes/default.toml` shows every key.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import platformdirs

from annotator.domain.assets import asset
from annotator.domain.errors import AnnotatorError
from annotator.domain.extensions import extension_paths, leave_out
from annotator.domain.outside_files import parse_toml, read_outside_text
from annotator.training.config import ImpossibleValue, Limits, TrainingConfig

Values = dict[str, Any]
_OWN_TO_A_RUN = ("name", "seed")  # fields of a configuration that no file states
_CHANGEABLE = ("proxy", "crop", "overview", "regional", "box", "box_grad", "share_mirrored", "decode")
_WORDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}


@dataclass(frozen=True)
class Recipe:
    """A configuration with a line for people and the file that says so."""

    summary: str
    config: TrainingConfig
    file: Path


def own_folder() -> Path:
    """Where a studio's own recipes lie unless it names another folder."""
    return platformdirs.user_config_path("annotator", appauthor=False) / "recipes"


def recipe_files(own: Path | None = None) -> dict[str, Path]:
    """Every recipe's file by its name: the shipped ones, then those of installed packages, which replace none, then those of the
    folder `own` (None: `own_folder()`).

    Raises AnnotatorError where two files have the same name, or the named folder is not there.
    """
    if own is not None and not own.is_dir():
        raise AnnotatorError(f"{own} is no folder of recipes.")
    found = {file.stem: file for file in _recipes_in(asset("resources/recipes"))}
    for name, folder in extension_paths("recipes").items():
        added = {file.stem: file for file in _recipes_in(folder)}
        if found.keys() & added.keys():
            leave_out(
                "recipes", name, f"has a recipe {min(found.keys() & added.keys())}, which there is already"
            )
        else:
            found |= added
    for file in _recipes_in(own or own_folder()):
        if file.stem in found:
            raise AnnotatorError(
                f"{file} and {found[file.stem]} have the same name: give your recipe another one."
            )
        found[file.stem] = file
    return found


def _recipes_in(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.toml"), key=lambda path: (len(path.parts), path))


def recipe(name: str, own: Path | None = None) -> TrainingConfig:
    """A recipe's configuration; see `read_recipe`."""
    return read_recipe(name, recipe_files(own)).config


def read_recipe(name: str, files: Mapping[str, Path]) -> Recipe:
    """A recipe by its name.

    Raises:
        AnnotatorError: there is none of that name, or its file (or that of its base) cannot be read or states something
            unknown, of a wrong type or impossible; the message names the file, the line and what is allowed.
    """
    if name not in files:
        raise AnnotatorError(f"there is no recipe {name!r}; choose one of {', '.join(files)}")
    values, summary, place = _stated(name, files, ())
    return Recipe(summary, _made(TrainingConfig, {**values, "name": name}, place), files[name])


@dataclass(frozen=True)
class _Place:
    """A value's place in a file: the keys that lead to it."""

    file: Path
    text: str
    path: tuple[str | int, ...] = ()

    def at(self, key: str | int) -> "_Place":
        return _Place(self.file, self.text, (*self.path, key))

    def wrong(self, problem: str) -> AnnotatorError:
        return AnnotatorError(f"{self.file}, line {self._line()}: {problem}.")

    def _line(self) -> int:
        """Where the value begins: TOML's reader does not tell, but it reads any number of whole statements."""
        lines, begin = self.text.splitlines(keepends=True), 1
        for count in range(1, len(lines) + 1):
            try:
                read = tomllib.loads("".join(lines[:count]))
            except tomllib.TOMLDecodeError:  # a statement over several lines
                continue
            if _reaches(read, self.path):
                return begin
            begin = count + 1
        return 1


def _reaches(read: Any, path: Sequence[str | int]) -> bool:
    for key in path:
        if key not in (range(len(read)) if isinstance(read, list) else read):
            return False
        read = read[key]
    return True


def _stated(name: str, files: Mapping[str, Path], above: tuple[str, ...]) -> tuple[Values, str, _Place]:
    """What a recipe and its bases state, checked; its summary; its place. `above` are the recipes that build on it."""
    file = files[name]
    try:
        place = _Place(file, read_outside_text(file))
        table = parse_toml(place.text)
    except (OSError, UnicodeDecodeError) as error:
        raise AnnotatorError(f"{file} cannot be read: {error}.") from error
    except ValueError as error:
        at = re.search(r"line (\d+)", str(error))
        line = at[1] if at else len(place.text.splitlines())
        raise AnnotatorError(f"{file}, line {line}: this is no TOML: {error}.") from error
    base, summary = (_value(str, table.pop(key, ""), place.at(key)) for key in ("base", "summary"))
    values: Values = _value(TrainingConfig, table, place)
    _check_names(values, place)
    if not base:
        return values, summary, place
    if base not in files or base in (*above, name):
        allowed = ", ".join(other for other in files if other not in (*above, name))
        raise place.at("base").wrong(f"there is no base {base!r}; allowed are {allowed}")
    inherited = _stated(base, files, (*above, name))[0]
    return _merged(inherited, values), summary or f"{base}, changed", place


def _check_names(values: Values, place: _Place) -> None:
    """The names that the networks' zoo gives: of an architecture, and of what can be changed in one."""
    from annotator.nn.zoo import ARCHITECTURES  # here, as it loads torch

    if values.get("architecture", "tiny") not in ARCHITECTURES:
        raise place.at("architecture").wrong(
            f"there is no architecture {values['architecture']!r}; allowed are {', '.join(ARCHITECTURES)}"
        )
    for key in values.get("changes", {}):
        if key not in _CHANGEABLE:
            raise place.at("changes").at(key).wrong(_unknown(key, _CHANGEABLE))


def _value(kind: Any, value: Any, place: _Place) -> Any:
    """A TOML value as a field of that type takes it; dataclasses stay tables of what is stated."""
    if get_origin(kind) is Annotated:
        kind, limits = get_args(kind)
        number = _value(kind, value, place)
        assert isinstance(limits, Limits)
        if not limits.hold(number):
            raise place.wrong(f"{place.path[-1]} = {value!r} is impossible; allowed is {limits}")
        return number
    if is_dataclass(kind):
        return _table(kind, value, place)
    if get_origin(kind) is UnionType:
        return _value(get_args(kind)[0], value, place)
    if get_origin(kind) is Literal:
        if value not in get_args(kind):
            raise place.wrong(f"{value!r} is unknown; allowed are {', '.join(map(repr, get_args(kind)))}")
        return value
    if get_origin(kind) is dict:
        names, inner = get_args(kind)
        if not isinstance(value, dict):
            raise place.wrong(f"{place.path[-1]} is a table, not {value!r}")
        return {_value(names, key, place): _value(inner, item, place.at(key)) for key, item in value.items()}
    if get_origin(kind) is tuple:
        return _tuple(get_args(kind), value, place)
    fits = kind is Any or type(value) is kind or (kind is float and type(value) is int)
    if not fits:
        raise place.wrong(f"{place.path[-1]} is {_WORDS[kind]}, not {value!r}")
    return float(value) if kind is float else value


def _tuple(kinds: tuple[Any, ...], value: Any, place: _Place) -> tuple[Any, ...]:
    many = kinds[-1] is Ellipsis
    if not isinstance(value, list) or not (many or len(value) == len(kinds)):
        raise place.wrong(
            f"{place.path[-1]} is a list{'' if many else f' of {len(kinds)} values'}, not {value!r}"
        )
    kinds = kinds[:1] * len(value) if many else kinds
    items = [_value(kind, item, place.at(i)) for i, (kind, item) in enumerate(zip(kinds, value, strict=True))]
    # elements of a list are whole values, not something to build on
    return tuple(
        _whole(kind, item, place.at(i)) if is_dataclass(kind) else item
        for i, (kind, item) in enumerate(zip(kinds, items, strict=True))
    )


def _table(kind: Any, value: Any, place: _Place) -> Values:
    if not isinstance(value, dict):
        raise place.wrong(f"{place.path[-1]} is a table, not {value!r}")
    kinds = get_type_hints(kind, include_extras=True)
    known = [
        field.name for field in fields(kind) if kind is not TrainingConfig or field.name not in _OWN_TO_A_RUN
    ]
    for key in value:
        if key not in known:
            allowed = ["base", "summary", *known] if kind is TrainingConfig else known
            raise place.at(key).wrong(_unknown(key, allowed))
    return {key: _value(kinds[key], item, place.at(key)) for key, item in value.items()}


def _whole(kind: Any, values: Values, place: _Place) -> Any:
    for field in fields(kind):
        if field.name not in values and field.default is MISSING and field.default_factory is MISSING:
            raise place.wrong(f"{field.name} is missing")
    return _made(kind, values, place)


def _made(kind: Any, values: Values, place: _Place) -> Any:
    """A dataclass from the tables of what is stated."""
    kinds = get_type_hints(kind)
    whole = {
        key: _made(kinds[key], value, place.at(key)) if is_dataclass(kinds[key]) else value
        for key, value in values.items()
    }
    try:
        return kind(**whole)
    except ImpossibleValue as error:
        raise place.at(error.key).wrong(str(error)) from error


def _merged(base: Values, own: Values) -> Values:
    """The base's values, replaced by one's own; tables key by key."""
    result = dict(base)
    for key, value in own.items():
        both = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = _merged(result[key], value) if both else value
    return result


def _unknown(key: str, allowed: Sequence[str]) -> str:
    near = get_close_matches(key, allowed, 1)
    hint = f" (did you mean {near[0]}?)" if near else ""
    return f"unknown key {key!r}{hint}; allowed are {', '.join(allowed)}"
