"""iBUG .pts: one text file a frame, beside it in name, in a folder that mirrors the captures.

A scheme that derives some of the 68 points from its landmarks writes them, too, with the option `ibug68`.

Convention: .pts counts pixel centres from 1 (it comes from Matlab), so its x is ours plus 0.5 (and y). Points
have no names: they follow the scheme's order, or that of the 68-point markup for a scheme that is this markup
and with the option `ibug68`. The format knows neither missing points nor flags and states, so a frame that
lacks one of the points is left out and reported.

A 68-point file is read into any scheme whose landmarks have places in that markup; the scheme's other
landmarks stay missing.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Final

import numpy as np
from numpy.typing import NDArray

from annotator.domain.errors import FormatError
from annotator.domain.progress import Cancelled, Progress, Stop, never, silent
from annotator.domain.scheme import MARKUP_POINTS, LandmarkScheme, has_markup, markup_points
from annotator.domain.schemes.scheme_file import load_scheme, newer_scheme
from annotator.files import atomic_folder
from annotator.formats.base import (
    MANIFEST,
    PLAIN,
    DatasetView,
    ImportedDataset,
    ImportedFrame,
    WriteOptions,
    Written,
    check_unique,
    manifest_text,
)
from annotator.formats.decimals import restore, short_decimals
from annotator.formats.look import Look
from annotator.formats.named import AS_NAMED, mapped, scheme_of
from annotator.formats.texts import bounded_text

SHIFT: Final = 0.5
_MAX_BYTES: Final = 2**20
_FILE: Final = re.compile(r"\s*version:\s*\S+\s+n_points:\s*(\d+)\s*\{(.*?)\}\s*", re.DOTALL | re.IGNORECASE)


class Pts:
    """The iBUG .pts format."""

    name = "pts"
    title = "iBUG .pts (a folder)"
    extensions: tuple[str, ...] = (".pts",)
    writes_folder = True
    convention = (
        "1-based pixel centres: x, y are 0.5 more than Annotator's; complete frames only, no states or flags"
    )
    occlusion = False
    confidence = False
    writes = True

    def recognises(self, look: Look) -> bool:
        """A text with `n_points`, or a folder of files that end in .pts."""
        return bool(look.samples(".pts")) if look.is_folder else "n_points:" in look.text[:200]

    def write(
        self,
        dataset: DatasetView,
        path: Path,
        options: WriteOptions = PLAIN,
        progress: Progress = silent,
        stop: Stop = never,
    ) -> Written:
        """`path`/<frame path with .pts> for every frame that has all points; all files or none."""
        points_of = _points_written(dataset.scheme, options)
        written = 0
        names = [str(PurePosixPath(item.frame.path).with_suffix(".pts")) for item in dataset.frames]
        check_unique(names, path)
        skipped: dict[str, str] = {}
        files: list[Path] = []
        with atomic_folder(path) as folder:
            for number, (item, name) in enumerate(zip(dataset.frames, names, strict=True), 1):
                if stop():
                    raise Cancelled("export stopped; nothing was written")
                points = points_of(item.annotation.xy)
                missing = int(np.isnan(points).any(-1).sum())
                if missing:
                    skipped[item.frame.path] = f"lacks {missing} of {len(points)} points"
                    continue
                if (path / name).exists() and not options.overwrite:
                    raise FormatError(
                        f"{path / name} exists already; choose another folder, or allow it to be replaced"
                    )
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_text(_text(points), encoding="ascii")
                files.append(path / name)
                written += len(points)
                progress(number, len(names), item.frame.path)
            told = Written(tuple(files), len(files), written, skipped)
            if dataset.manifest is not None:
                (folder / MANIFEST).write_text(manifest_text(dataset.manifest(told)), encoding="utf-8")
        return told

    def read(
        self, path: Path, scheme: LandmarkScheme, names: Mapping[str, str] | None = None
    ) -> ImportedDataset:
        """One .pts file, or all below a folder; a frame's `path` is that of its file, relative to the folder.

        A text that is no .pts, and a number of points that fits neither the scheme nor the 68-point markup, is left out
        and told. Raises FormatError for a folder without any, and where none could be read.
        """
        files = sorted(pts_files(path)) if path.is_dir() else [path]
        if not files:
            raise FormatError(f"{path} holds no .pts files")
        if scheme is AS_NAMED:
            scheme = scheme_of(str(place) for place in range(len(_points(files[0]))))
        base = path if path.is_dir() else path.parent
        frames, counts = [], set()
        left_out: dict[str, str] = {}
        for file in files:
            name = file.relative_to(base).as_posix()
            try:
                points = _points(file)
                order = _read_order(file, len(points), scheme, names)
            except FormatError as error:
                left_out[name] = str(error)
                continue
            counts.add(len(points))
            xy = np.full((scheme.size, 2), np.nan, np.float32)
            xy[list(order)] = restore(points[list(order.values())], SHIFT)
            frames.append(ImportedFrame(name, xy, np.zeros(scheme.size, np.uint8)))
        if not frames:
            raise FormatError(next(iter(left_out.values())))
        notes = tuple(
            f"files of {count} points fill {len(_read_order(path, count, scheme, names))} of the {scheme.size} landmarks "
            f"of {scheme.id}"
            for count in sorted(counts)
            if count != scheme.size
        )
        return ImportedDataset(scheme, tuple(frames), notes, left_out, without_endings=True)


def pts_files(folder: Path) -> Iterator[Path]:
    """The .pts files below a folder, whatever the case of their ending; hidden ones, such as macOS's `._x.pts`, are none."""
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix.lower() == ".pts" and not hidden and path.is_file():
            yield path


def _points_written(
    scheme: LandmarkScheme, options: WriteOptions
) -> Callable[[NDArray[np.float32]], NDArray[np.floating]]:
    """What takes the points of a file, in its order, from the landmarks of a frame."""
    if not options.ibug68 and len(scheme.ibug68) < scheme.size:
        return lambda xy: xy
    if not has_markup(scheme):
        raise FormatError(
            f"{scheme.id} has {len(scheme.ibug68)} of the 68 points of the iBUG markup, and .pts knows no missing points: "
            f"export all its landmarks, write COCO or CSV, or convert the project{_hint(scheme)}"
        )
    return lambda xy: markup_points(scheme, xy)


def _hint(scheme: LandmarkScheme) -> str:
    newer = newer_scheme(scheme.id)
    return f" to {newer} (annotator convert)" if newer and has_markup(load_scheme(newer)) else ""


def _read_order(
    file: Path, count: int, scheme: LandmarkScheme, names: Mapping[str, str] | None = None
) -> dict[int, int]:
    """Landmark index -> place in a file of `count` points; `names` has places, from 0, in place of names."""
    given = mapped([str(place) for place in range(count)], scheme, names or {}, file)
    if given:
        return {index: int(place) for place, index in given.items()}
    markup = {index: place for place, index in scheme.ibug68.items()}
    if count == scheme.size and len(markup) < scheme.size:
        return {index: index for index in range(scheme.size)}
    if count == MARKUP_POINTS and markup:
        return markup
    raise FormatError(
        f"{file} has {count} points, {scheme.id} has {scheme.size}; choose files of this scheme"
    )


def _text(points: NDArray[np.floating]) -> str:
    values = short_decimals(points.astype(np.float32), SHIFT).tolist()
    lines = "\n".join(f"{x!r} {y!r}" for x, y in values)
    return f"version: 1\nn_points: {len(points)}\n{{\n{lines}\n}}\n"


def _points(file: Path) -> NDArray[np.float64]:
    """float64 [n, 2] as in the file."""
    found = _FILE.fullmatch(bounded_text(file, _MAX_BYTES))
    if found is None:
        raise FormatError(
            f"{file} is no whole .pts file (version, n_points, points in braces); was it cut short?"
        )
    lines = [line.split() for line in found[2].strip().splitlines() if line.strip()]
    if str(len(lines)) != (found[1].lstrip("0") or "0"):
        raise FormatError(f"{file} announces {found[1][:20]} points and has {len(lines)}")
    try:
        points = np.array([[float(x), float(y)] for x, y in lines], np.float64).reshape(-1, 2)
    except ValueError:
        raise FormatError(f"{file}: every line between the braces must be two numbers") from None
    if not (np.abs(points) < 1e9).all():  # nor is NaN
        raise FormatError(f"{file}: coordinates must be finite numbers")
    return points
