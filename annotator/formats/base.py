"""What a format takes and gives: plain domain values, no project.

Coordinates here follow our convention: frame pixels, (0, 0) the outer corner of the first pixel, its centre
at (0.5, 0.5). A format converts to its own when it writes and back when it reads, and says so in
`convention`.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotation import Annotation, LandmarkState, ReviewState
from annotator.domain.capture import Frame
from annotator.domain.errors import FormatError
from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.scheme import LandmarkScheme
from annotator.files import atomic_pair, atomic_text

if TYPE_CHECKING:
    from annotator.formats.look import Look

MANIFEST: Final = "manifest.json"
Pictures = Literal["none", "link", "copy"]


@dataclass(frozen=True, eq=False)
class DatasetFrame:
    """A frame with the landmarks to write.

    Attributes:
        model_id: whose proposals stand among them, None where there are none. confidence: float32 [L] of these proposals;
        None: not known. picture: where the frame's file lies, for formats that bring pictures along.
    """

    frame: Frame
    annotation: Annotation
    model_id: str | None = None
    confidence: NDArray[np.float32] | None = None
    picture: Path | None = None


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
        pictures: what a data set's layout brings of the frames' pictures. held_out: share of the subjects, 0 to below 1, whose
        frames are for validation, in layouts that divide.
    """

    ibug68: bool = False
    overwrite: bool = True
    pictures: Pictures = "none"
    held_out: float = 0.2


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
        index: "" where the file does not say. confidence: float32 [L], 0 to 1, NaN where it does not say; None: nowhere.
        in_shares: xy are shares of the picture's width and height, as the file does not tell its size; see `in_pixels`.
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
    confidence: NDArray[np.float32] | None = None
    in_shares: bool = False

    def in_pixels(self, frame: Frame) -> "ImportedFrame":
        """The same with shares of the picture made pixels of the frame that it is."""
        if not self.in_shares:
            return self
        return replace(self, xy=self.xy * np.array([frame.width, frame.height], np.float32), in_shares=False)

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
    `left_out` has what could not be read (a frame's path, or a place in the file: why); `without_endings`: paths have another
    ending than the pictures, or none of their own."""

    scheme: LandmarkScheme
    frames: tuple[ImportedFrame, ...]
    notes: tuple[str, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    without_endings: bool = False

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
    """A kind of file.

    Attributes:
        extensions: endings with their dot, the first is the usual one. writes_folder: a folder of files, not a single one.
        convention: of its pixels, for people. occlusion, confidence: whether it has a place for them, for each landmark.
        writes: whether it is written, too.
    """

    name: str
    title: str
    extensions: tuple[str, ...]
    writes_folder: bool
    convention: str
    occlusion: bool
    confidence: bool
    writes: bool

    def recognises(self, look: "Look") -> bool:
        """Whether the content of a file or folder, not its name, is of this format."""
        ...

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

    def read(
        self, path: Path, scheme: LandmarkScheme, names: Mapping[str, str] | None = None
    ) -> ImportedDataset:
        """Reads a file into the landmarks of a scheme; raises FormatError that names the place.

        names: the file's name of a landmark -> the scheme's, for those that are called otherwise.
        """
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
