"""Scheme files: TOML in, a checked `LandmarkScheme` out."""

import re
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from annotator.domain.assets import DEFAULT_SCHEME, asset
from annotator.domain.errors import AnnotatorError
from annotator.domain.extensions import extension_paths
from annotator.domain.outside_files import parse_toml, read_outside_text
from annotator.domain.scheme import Curve, DerivedPoint, Landmark, LandmarkScheme, Region

SCHEMA = 1
"""Of scheme files."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_\-]*")
_KINDS: dict[str, type] = {"ibug68": int, "closed": bool, "landmarks": list}
"""Of what a row may hold; all else is text."""
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


class SchemeError(AnnotatorError):
    """A scheme file that cannot be used; `line` is the 1-based line that is wrong, 0 where no single one is."""

    def __init__(self, path: Path, line: int, message: str) -> None:
        self.path, self.line = path, line
        super().__init__(f"{path}{f', line {line}' if line else ''}: {message}")


def shipped_schemes() -> dict[str, Path]:
    """The schemes of every installation: id, such as `studio-89@1`, -> file."""
    return {path.stem: path for path in sorted(asset("resources/schemes").glob("*.toml"))}


def available_schemes() -> dict[str, Path]:
    """The shipped schemes, then those of installed packages, which replace none: id -> file."""
    added = {path.stem: path for path in extension_paths("schemes").values()}
    return {
        **shipped_schemes(),
        **{name: path for name, path in added.items() if name not in shipped_schemes()},
    }


def load_scheme(name_or_path: str | Path) -> LandmarkScheme:
    """A shipped scheme by id (`studio-89@2`), by name (`studio-89`: the version that is the default) or a studio's own by file.

    Raises:
        SchemeError: there is no such scheme, or the file is wrong; the error names the line.
    """
    shipped, wanted = available_schemes(), str(name_or_path)
    name = wanted.partition("@")[0]
    versions = [known for known in shipped if known.partition("@")[0] == name]
    if wanted == name and versions:
        wanted = DEFAULT_SCHEME if DEFAULT_SCHEME in versions else versions[-1]
    path = shipped.get(wanted, Path(name_or_path))
    if path.is_file():
        return read_scheme(path)
    if versions:
        raise SchemeError(path, 0, f"this version has {' and '.join(versions)}, not {wanted}")
    raise SchemeError(
        path, 0, f"there is no such scheme; shipped are {', '.join(shipped)}, or name a .toml file"
    )


def newer_scheme(scheme_id: str) -> str | None:
    """The id of the newest shipped version of a scheme where it is newer than `scheme_id`, else None."""
    name, _, version = scheme_id.partition("@")
    versions = [
        int(known.partition("@")[2]) for known in available_schemes() if known.partition("@")[0] == name
    ]
    newest = max(versions, default=0)
    return f"{name}@{newest}" if version.isdecimal() and newest > int(version) else None


def read_scheme(path: Path) -> LandmarkScheme:
    """Reads and checks a scheme file; raises `SchemeError` with the line that is wrong."""
    try:
        text = read_outside_text(path)
    except (OSError, UnicodeDecodeError) as error:
        raise SchemeError(path, 0, f"cannot be read: {error}") from error
    return parse_scheme(text, path)


def parse_scheme(text: str, path: Path = Path("scheme.toml")) -> LandmarkScheme:
    """As `read_scheme`, from text; `path` is named in errors."""
    try:
        return _parsed(text)
    except SchemeError:
        return _Parser(text, path).scheme()  # raises it with the file's name


@lru_cache(maxsize=32)
def _parsed(text: str) -> LandmarkScheme:
    """All projects of one scheme share it, whatever their files are called."""
    return _Parser(text, Path()).scheme()


class _Parser:
    """One reading of one scheme file."""

    def __init__(self, text: str, path: Path) -> None:
        self.text, self.path = text, path

    def fail(self, message: str, near: str | None = None) -> SchemeError:
        return SchemeError(self.path, self.line_of(near) if near else 0, message)

    def line_of(self, near: str, occurrence: int = 1) -> int:
        """1-based line of the n-th line that holds a text outside comments; 0 where there is none."""
        for number, line in enumerate(self.text.splitlines(), 1):
            if near in line and not line.lstrip().startswith("#"):
                occurrence -= 1
                if not occurrence:
                    return number
        return 0

    def scheme(self) -> LandmarkScheme:
        try:
            data = parse_toml(self.text)
        except ValueError as error:
            found = re.search(r"line (\d+)", str(error))
            raise SchemeError(self.path, int(found[1]) if found else 0, f"not valid TOML: {error}") from error
        if data.get("schema") != SCHEMA:
            raise self.fail(f"`schema = {SCHEMA}` is needed; found {data.get('schema')!r}", "schema")
        name, version = data.get("name"), data.get("version")
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise self.fail("`name` must be lower case letters, digits, `-` and `_`", "name")
        if not isinstance(version, int) or isinstance(version, bool) or version < 1:
            raise self.fail("`version` must be a whole number from 1 up", "version")
        regions = self.tables(data, "regions", ("name", "title", "colour", "mirror"), ())
        landmarks = self.landmarks(data, {r["name"] for r in regions})
        curves = self.curves(data, landmarks)
        self.check_sliding(landmarks, curves)
        return LandmarkScheme(
            name,
            version,
            str(data.get("title", name)),
            landmarks,
            self.regions(regions, landmarks),
            curves,
            self.derived(data, landmarks, curves),
            self.view_dependent(data, landmarks),
        )

    def view_dependent(self, data: dict[str, Any], landmarks: tuple[Landmark, ...]) -> tuple[int, ...]:
        places, names = {lm.name: i for i, lm in enumerate(landmarks)}, data.get("view_dependent", [])
        if not isinstance(names, list):
            raise self.fail("`view_dependent` must be a list of landmarks", "view_dependent")
        for name in names:
            if not isinstance(name, str) or name not in places or names.count(name) > 1:
                raise self.fail(
                    f"`view_dependent` must name landmarks, each once; not {name!r}", "view_dependent"
                )
        return tuple(sorted(places[name] for name in names))

    def tables(
        self, data: dict[str, Any], key: str, needed: tuple[str, ...], optional: tuple[str, ...]
    ) -> list[dict[str, Any]]:
        rows = data.get(key)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise self.fail(f"`{key}` must be a list of tables", key)
        seen: set[str] = set()
        for row in rows:
            name = row.get("name")
            if not isinstance(name, str) or not _NAME.fullmatch(name):
                raise self.fail(
                    f"an entry of `{key}` has no valid `name`: {row}", f'"{name}"' if name else key
                )
            quoted = f'name = "{name}"'
            if name in seen:
                raise SchemeError(self.path, self.line_of(quoted, 2), f"{key}: {name!r} is there twice")
            seen.add(name)
            missing = [k for k in needed if k not in row]
            unknown = [k for k in row if k not in (*needed, *optional)]
            if missing or unknown:
                problem = f"lacks `{missing[0]}`" if missing else f"has an unknown key `{unknown[0]}`"
                raise self.fail(f"{key}: {name!r} {problem}", quoted)
            for k, value in row.items():
                if not isinstance(value, _KINDS.get(k, str)):
                    raise self.fail(f"{key}: {name!r} has a `{k}` that cannot be: {value!r:.60}", quoted)
        return rows

    def landmarks(self, data: dict[str, Any], regions: set[str]) -> tuple[Landmark, ...]:
        rows = self.tables(data, "landmarks", ("name", "mirror"), ("region", "ibug68", "kind", "curve"))
        if not rows:
            raise self.fail("a scheme needs at least one landmark", "landmarks")
        by_name = {row["name"]: row for row in rows}
        ibug: set[int] = set()
        for row in rows:
            quoted = f'name = "{row["name"]}"'
            if "region" in row and row["region"] not in regions:
                raise self.fail(
                    f"{row['name']!r} names a region that is not there: {row['region']!r}", quoted
                )
            twin = by_name.get(row["mirror"])
            if twin is None or twin["mirror"] != row["name"]:
                raise self.fail(
                    f"{row['name']!r} and its mirror {row['mirror']!r} must name each other", quoted
                )
            index = row.get("ibug68")
            if index is not None and (type(index) is not int or not 0 <= index < 68 or index in ibug):
                raise self.fail(
                    f"{row['name']!r}: `ibug68` must be an unused whole number from 0 to 67", quoted
                )
            ibug.add(index if index is not None else -1)
            kind, curve = row.get("kind", "anchor"), row.get("curve")
            if kind not in ("anchor", "sliding") or (kind == "sliding") != isinstance(curve, str):
                raise self.fail(
                    f'{row["name"]!r}: `kind` is "anchor", or "sliding" with the `curve` that it slides on',
                    quoted,
                )
        return tuple(
            Landmark(r["name"], r.get("region"), r["mirror"], r.get("ibug68"), r.get("curve")) for r in rows
        )

    def check_sliding(self, landmarks: tuple[Landmark, ...], curves: tuple[Curve, ...]) -> None:
        on = {(curve.name, index) for curve in curves for index in curve.indices}
        for index, landmark in enumerate(landmarks):
            if landmark.is_sliding and (landmark.curve, index) not in on:
                raise self.fail(
                    f"{landmark.name!r} slides on {landmark.curve!r}, which is no curve that it lies on",
                    f'name = "{landmark.name}"',
                )

    def derived(
        self, data: dict[str, Any], landmarks: tuple[Landmark, ...], curves: tuple[Curve, ...]
    ) -> tuple[DerivedPoint, ...]:
        places, found = {lm.name: i for i, lm in enumerate(landmarks)}, []
        taken = {lm.ibug68 for lm in landmarks}
        rows = data.get("derived", [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise self.fail("`derived` must be a list of tables", "derived")
        for row in rows:
            point, name, ends = row.get("ibug68"), row.get("curve"), row.get("between", [])
            curve = next((n for n, c in enumerate(curves) if c.name == name), None)
            are_names = isinstance(ends, list) and all(isinstance(end, str) for end in ends)
            between = tuple(places.get(end, -1) for end in ends) if are_names else ()
            if type(point) is not int or not 0 <= point < 68 or point in taken or curve is None:
                raise self.fail(
                    f"derived: {row} needs an unused `ibug68` and a `curve` of the scheme", str(point)
                )
            order = curves[curve].indices
            if len(between) != 2 or between not in pairwise(order):
                raise self.fail(
                    f"derived: `between` of point {point} must be two neighbours on {name!r}", str(point)
                )
            taken.add(point)
            found.append(DerivedPoint(point, curve, (between[0], between[1])))
        return tuple(found)

    def regions(self, rows: list[dict[str, Any]], landmarks: tuple[Landmark, ...]) -> tuple[Region, ...]:
        found, mirrors = [], {row["name"]: row["mirror"] for row in rows}
        by_name = {lm.name: lm for lm in landmarks}
        for row in rows:
            quoted = f'name = "{row["name"]}"'
            if not _COLOUR.fullmatch(str(row["colour"])):
                raise self.fail(
                    f"region {row['name']!r}: `colour` must look like #6cb4d8", str(row["colour"]) or quoted
                )
            if mirrors.get(row["mirror"]) != row["name"]:
                raise self.fail(
                    f"region {row['name']!r} and its mirror {row['mirror']!r} must name each other", quoted
                )
            indices = tuple(i for i, lm in enumerate(landmarks) if lm.region == row["name"])
            if not indices:
                raise self.fail(f"region {row['name']!r} has no landmark", quoted)
            for i in indices:
                if by_name[landmarks[i].mirror].region != row["mirror"]:
                    raise self.fail(
                        f"the mirror of {landmarks[i].name!r} is not in region {row['mirror']!r}",
                        f'name = "{landmarks[i].name}"',
                    )
            found.append(Region(row["name"], str(row["title"]), row["colour"], indices, row["mirror"]))
        return tuple(found)

    def curves(self, data: dict[str, Any], landmarks: tuple[Landmark, ...]) -> tuple[Curve, ...]:
        if "curves" not in data:
            return ()
        index = {lm.name: i for i, lm in enumerate(landmarks)}
        found = []
        for row in self.tables(data, "curves", ("name", "landmarks"), ("closed",)):
            quoted = f'name = "{row["name"]}"'
            names = row["landmarks"]
            if not isinstance(names, list) or len(names) < 2:
                raise self.fail(f"curve {row['name']!r} needs at least two landmarks", quoted)
            for name in names:
                if not isinstance(name, str) or name not in index:
                    raise self.fail(
                        f"curve {row['name']!r} names a landmark that is not there: {name!r}", quoted
                    )
            found.append(
                Curve(row["name"], tuple(index[name] for name in names), bool(row.get("closed", False)))
            )
        return tuple(found)
