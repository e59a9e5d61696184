"""What a format takes and gives: plain domain values, no project.

Coordinates here follow our convention: frame pixels, (0, 0) the outer corner of the first pixel, its centre
at (0.5, 0.5). A format converts to its own when it writes and back when it reads, and says so in
`convention`.
"""

import codecs
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import IO, Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotation import Annotation, LandmarkState, ReviewState
from annotator.domain.capture import Frame
from annotator.domain.errors import FormatError
from annotator.domain.outside_files import check_regular, read_outside
from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.scheme import LandmarkScheme
from annotator.files import atomic_pair, atomic_text

MANIFEST: Final = "manifest.json"


@dataclass(frozen=True, eq=False)
class DatasetFrame:
    """A frame with the landmarks to write; `model_id` is whose proposals stand among them, None where there are none."""

    frame: Frame
    annotation: Annotation
    model_id: str | None = None


@dataclass(frozen=True, eq=False)
class DatasetView:
    """What to write: frames of one scheme, in order.

    Attributes:
        about: JSON types that go into files that have a place for them. manifest: what a manifest is to say of what was
        written; it appears together with the files. None: no manifest. rates: frames a second of takes, by (subject, take).
    """

    scheme: LandmarkScheme
    frames: Sequence[DatasetFrame]
    about: Mapping[str, Any] = field(default_factory=dict)
    manifest: "Callable[[Written], Mapping[str, Any]] | None" = None
    rates: Mapping[tuple[str, str], Fraction] = field(default_factory=dict)


@dataclass(frozen=True)
class WriteOptions:
    """How to write.

    Attributes:
        ibug68: only the landmarks that have a place in the 68-point markup, in its order (formats without
        names need all 68). overwrite: replace files that are there already; otherwise they are refused.
    """

    ibug68: bool = False
    overwrite: bool = True


PLAIN: Final = WriteOptions()


@dataclass(frozen=True)
class Written:
    """What was written: files, frames and landmarks, and frames left out with the reason (relative path: reason)."""

    files: tuple[Path, ...]
    frames: int
    landmarks: int
    skipped: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class ImportedFrame:
    """One frame as a file tells of it.

    Attributes:
        path: as the file names it (posix slashes), to be matched with frames. width, height: px, 0 where the
        file does not say. xy: float32 [L, 2] in our convention, NaN where missing. flags: uint8 [L].
        state: uint8 [L] of LandmarkState where the file is one of ours, else None (every placed landmark is
        what the importer makes of it). review: None where the file does not say. subject, take, camera,
        index: "" where the file does not say.
    """

    path: str
    xy: NDArray[np.float32]
    flags: NDArray[np.uint8]
    state: NDArray[np.uint8] | None = None
    review: ReviewState | None = None
    width: int = 0
    height: int = 0
    subject: str = ""
    take: str = ""
    camera: str = ""
    index: str = ""

    @property
    def placed(self) -> NDArray[np.bool_]:
        """bool [L]: the landmarks that have a place."""
        return np.asarray(np.isfinite(self.xy).all(-1))

    def annotation(
        self, scheme: LandmarkScheme, state: LandmarkState = LandmarkState.CONFIRMED
    ) -> Annotation:
        """As an annotation of a scheme; landmarks whose state the file does not tell get `state`."""
        states = np.where(self.placed, np.uint8(state), np.uint8(0)) if self.state is None else self.state
        return Annotation(
            scheme.id,
            self.xy.copy(),
            states.astype(np.uint8),
            self.flags.copy(),
            self.review or ReviewState.UNREVIEWED,
        )


@dataclass(frozen=True, eq=False)
class ImportedDataset:
    """What a file holds, in its order; no frame comes twice. `notes` are for the user, such as landmarks that it lacks;
    `left_out` has what could not be read (a frame's path, or a place in the file: why)."""

    scheme: LandmarkScheme
    frames: tuple[ImportedFrame, ...]
    notes: tuple[str, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)

    def whole(self, path: Path) -> "ImportedDataset":
        """The same; raises FormatError for a file of which something could not be read, where that must not pass."""
        for name, reason in self.left_out.items():
            raise FormatError(f"{path}: {name}: {reason}")
        return self

    def __iter__(self) -> Iterator[ImportedFrame]:
        return iter(self.frames)

    def __len__(self) -> int:
        return len(self.frames)


class Format(Protocol):
    """A kind of file. `extensions` have their dot; `writes_folder` tells a folder of files from a single one."""

    name: str
    title: str
    extensions: tuple[str, ...]
    writes_folder: bool
    convention: str

    def write(
        self,
        dataset: DatasetView,
        path: Path,
        options: WriteOptions = PLAIN,
        progress: Progress = silent,
        stop: Stop = never,
    ) -> Written:
        """Writes all or nothing; raises FormatError (what cannot be written), Cancelled on stop."""
        ...

    def read(self, path: Path, scheme: LandmarkScheme) -> ImportedDataset:
        """Reads a file into the landmarks of a scheme; raises FormatError that names the place."""
        ...


def repeated(values: Iterable[str]) -> set[str]:
    """Those that come more than once."""
    return {value for value, count in Counter(values).items() if count > 1}


def check_unique(paths: Sequence[str], where: Path) -> None:
    """Raises FormatError when a frame comes twice."""
    seen: set[str] = set()
    for path in paths:
        if path in seen:
            raise FormatError(f"{where}: the frame {path!r} comes twice; remove one of them")
        seen.add(path)


def check_target(dataset: "DatasetView", path: Path, options: WriteOptions) -> None:
    """Raises FormatError when a frame comes twice, or the one file to write is there and must not be replaced."""
    check_unique([item.frame.path for item in dataset.frames], path)
    if path.exists() and not options.overwrite:
        raise FormatError(f"{path} exists already; choose another name, or allow it to be replaced")


def manifest_of(path: Path, in_folder: bool) -> Path:
    """Where the manifest of an export to `path` lies: inside a folder, beside a file."""
    return path / MANIFEST if in_folder else path.with_name(f"{path.stem}.{MANIFEST}")


def manifest_text(manifest: Mapping[str, Any]) -> str:
    """A manifest (JSON types) as it is written."""
    return json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"


def write_one_file(
    dataset: DatasetView, path: Path, content: Callable[[IO[str]], Written], newline: str | None = None
) -> Written:
    """Writes a dataset's file by `content`, with the manifest that it wants; all or nothing."""
    if dataset.manifest is None:
        with atomic_text(path, newline) as file:
            return content(file)
    with atomic_pair(path, manifest_of(path, in_folder=False)) as (data, about):
        with data.open("w", encoding="utf-8", newline=newline) as file:
            written = content(file)
        about.write_text(manifest_text(dataset.manifest(written)), encoding="utf-8")
    return written


def bounded_text(path: Path, limit: int, windows_too: bool = False) -> str:
    """The text of a file of at most `limit` bytes, UTF-8 or (by its first bytes) UTF-16; raises FormatError for anything else.

    `windows_too`: what is neither is taken for Windows' western code page, which spreadsheets write.
    """
    try:
        size = check_regular(path).st_size
        if size > limit:
            raise FormatError(
                f"{path} has {size / 2**20:.0f} MiB; at most {limit / 2**20:.0f} are read, split it"
            )
        data = read_outside(path, limit)
        if not windows_too:
            return data.decode(_encoding(data))
        try:
            return data.decode(_encoding(data))
        except UnicodeDecodeError:
            return data.decode("cp1252")
    except FileNotFoundError:
        raise FormatError(f"{path} does not exist; choose the file to read") from None
    except IsADirectoryError:
        raise FormatError(f"{path} is a folder; choose the file in it") from None
    except UnicodeDecodeError as error:
        raise FormatError(f"{path} is no UTF-8 text (byte {error.start}); save it as UTF-8") from None
    except OSError as error:
        raise FormatError(f"{path} cannot be read: {error.strerror or error}") from None


def _encoding(data: bytes) -> str:
    """UTF-16 by its mark or by the zero bytes of its first letters, else UTF-8."""
    if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    if data[1:2] == b"\0" != data[:1] and data[3:4] == b"\0":
        return "utf-16-le"
    return "utf-16-be" if data[:1] == b"\0" != data[1:2] and data[2:3] == b"\0" else "utf-8-sig"


def check_version(path: Path, told: object, scheme: LandmarkScheme) -> None:
    """Raises FormatError for a file whose scheme, as it says itself, is another version: its names mean other places."""
    if isinstance(told, str) and told != scheme.id and told.partition("@")[0] == scheme.name:
        raise FormatError(
            f"{path} is of {told}, not of {scheme.id}: landmarks of the same name lie elsewhere. Use a project of {told}, "
            "and convert that: annotator convert"
        )


def columns_of(scheme: LandmarkScheme, options: WriteOptions) -> list[int]:
    """Indices of the landmarks to write, in the file's order: all of them, or with `ibug68` those of the 68-point markup.

    Raises FormatError where the scheme has none of these.
    """
    if not options.ibug68:
        return list(range(scheme.size))
    if not scheme.ibug68:
        raise FormatError(f"the scheme {scheme.id} has no landmark of the 68-point markup")
    return [index for _, index in sorted(scheme.ibug68.items())]


_DIGITS = (3, 4, 6, 9)


def short_decimals(xy: NDArray[np.float32], shift: float) -> NDArray[np.float64]:
    """xy + shift, each rounded to as few decimals as still give back the float32 after `restore`; NaN stays NaN.

    A float32 of 1000 or more has steps of 6e-5 px or larger, so four decimals nearly always do; exact doubles
    are the last resort.
    """
    exact = xy.astype(np.float64) + shift
    result = exact.copy()
    for digits in reversed(_DIGITS):
        rounded = np.round(exact, digits)
        same = (rounded - shift).astype(np.float32) == xy
        result = np.where(same, rounded, result)
    return result


def restore(values: NDArray[np.float64], shift: float) -> NDArray[np.float32]:
    """The float32 coordinates in our convention from a file's numbers: the inverse of `short_decimals`."""
    return (values - shift).astype(np.float32)
