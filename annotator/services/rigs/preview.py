"""What an import of a calibration would bring: cameras, frames, sizes, agreement with people's points. Changes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np

from annotator.domain.rigs.rig import CameraModel, Rig, RigError
from annotator.domain.words import counted
from annotator.rigs.files.registry import read_rigs
from annotator.services.rigs.apart import cameras_apart
from annotator.services.rigs.matching import CameraMatches, match_cameras
from annotator.services.rigs.reprojection import Reprojection, View, human_views, reprojection
from annotator.store.lists.frame_list import Shot
from annotator.store.project_store import ProjectStore

_FEWEST_POINTS: Final = 8
_WRONG_SHARE: Final = 0.02
"""A median error of more than this share of the longer side is no drift: the cameras are mixed up, or the takes."""
_NAMED: Final = 8


@dataclass(frozen=True)
class RigWishes:
    """What a person wants of an import.

    Attributes:
        name: of the rig; the file's own without it. takes: patterns of the takes that it holds for; empty: the file's, else all.
        mapping: the file's camera -> the project's. scale: calibrations of pictures of another size are scaled to the frames'.
    """

    name: str | None = None
    takes: tuple[str, ...] = ()
    mapping: Mapping[str, str] = field(default_factory=dict)
    scale: bool = False


@dataclass(frozen=True)
class CameraFit:
    """One camera of the file, with the project's that it stands for.

    Attributes:
        named: as the file does. camera: the project's, "" where none is meant; why: then the reason.
        size: of the pictures that were calibrated; frame_size: of the project's. reprojection: None without points to check.
    """

    named: str
    camera: str
    why: str
    size: tuple[int, int]
    frame_size: tuple[int, int] | None
    reprojection: Reprojection | None = None


@dataclass(frozen=True, eq=False)
class RigFit:
    """One rig of the file against the project.

    Attributes:
        rig: as it would be kept: the project's names, the wished takes, scaled. None where it is refused.
        name: the rig's. takes: patterns. frames: how many frames it would serve. cameras: the file's, in its order.
        uncalibrated: cameras of these takes that it lacks. refusals: why it cannot be imported. notes: what to check.
    """

    rig: Rig | None
    name: str
    takes: tuple[str, ...]
    frames: int
    cameras: tuple[CameraFit, ...]
    uncalibrated: tuple[str, ...]
    refusals: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def left_out(self) -> dict[str, str]:
        """The file's cameras that are not imported: name -> reason."""
        return {camera.named: camera.why for camera in self.cameras if not camera.camera}


@dataclass(frozen=True, eq=False)
class RigPreview:
    """What a file holds for a project.

    Attributes:
        format: the file's, for people. fits: its rigs that have frames here. elsewhere: how many are of other takes.
    """

    path: Path
    format: str
    fits: tuple[RigFit, ...]
    elsewhere: int
    notes: tuple[str, ...]

    @property
    def importable(self) -> tuple[Rig, ...]:
        """The rigs that nothing speaks against."""
        return tuple(fit.rig for fit in self.fits if fit.rig is not None)

    @property
    def refusals(self) -> tuple[str, ...]:
        """Why rigs cannot be imported, each reason once."""
        return tuple(dict.fromkeys(reason for fit in self.fits for reason in fit.refusals))


def preview_rigs(store: ProjectStore, path: Path, wishes: RigWishes | None = None) -> RigPreview:
    """What `import_rigs` would do.

    Raises:
        RigError: the file cannot be used, or none of its rigs is of a take that the project has.
    """
    wanted = wishes or RigWishes()
    shots = store.frames.shots()
    if not shots:
        raise RigError("The project has no frames yet; import the captures first.")
    sizes = {(shot.width, shot.height) for shot in shots}
    read = read_rigs(Path(path), sizes.pop() if len(sizes) == 1 else None)
    if wanted.takes and len(read.rigs) > 1:
        raise RigError(
            f"{path.name} holds {counted(len(read.rigs), 'rig')} for a take each; import it without takes."
        )
    rigs = [_wished(rig, wanted, path) for rig in read.rigs]
    held = {id(rig): [shot for shot in shots if rig.holds_for(shot.subject, shot.take)] for rig in rigs}
    here = [rig for rig in rigs if held[id(rig)]]
    if not here:
        patterns = list(dict.fromkeys(pattern for rig in rigs for pattern in rig.takes))
        takes = list(dict.fromkeys(f"{shot.subject}/{shot.take}" for shot in shots))
        raise RigError(
            f"No take of the project is called {_some(patterns)}; it has {_some(takes)}. Say which takes are meant."
        )
    views = human_views(store)
    wanted = replace(wanted, mapping=_mapped(wanted.mapping, rigs, shots))
    newest = {each.name: each.rig for each in store.rigs.list()}
    fits = tuple(
        replace(
            fit,
            notes=(
                *fit.notes,
                *_gives_up(rig, newest.get(rig.name), shots),
                *_apart(store, fit, held[id(rig)]),
            ),
        )
        for rig, fit in ((rig, _fit(rig, held[id(rig)], wanted, views)) for rig in here)
    )
    return RigPreview(Path(path), read.format.title, fits, len(rigs) - len(here), read.notes)


def _gives_up(rig: Rig, before: Rig | None, shots: Sequence[Shot]) -> list[str]:
    """What to check where the newest version of the rig's name holds for takes that this one is not for."""
    takes = dict.fromkeys((shot.subject, shot.take) for shot in shots)
    lost = [take for take in takes if before and before.holds_for(*take) and not rig.holds_for(*take)]
    if not lost:
        return []
    named = _some(["/".join(token for token in take if token) for take in lost])
    return [
        f"It takes the place of the rig {rig.name} that the project has, which then no longer holds for {named}. "
        "Give it another name to keep both."
    ]


def _apart(store: ProjectStore, fit: RigFit, shots: Sequence[Shot]) -> list[str]:
    """What to check where cameras saw no moment together, as their frames are numbered otherwise."""
    cameras = [camera.camera for camera in fit.cameras if camera.camera]
    takes = dict.fromkeys((shot.subject, shot.take) for shot in shots)
    lines = [line for take in takes for line in cameras_apart(store, *take, cameras).values()]
    more = [f"{len(lines) - _NAMED} more cameras are numbered otherwise."] if len(lines) > _NAMED else []
    return lines[:_NAMED] + more


def _wished(rig: Rig, wanted: RigWishes, path: Path) -> Rig:
    stem = path.stem
    name = rig.name if wanted.name is None else wanted.name
    if wanted.name is not None and rig.name.startswith(f"{stem} ") and rig.takes:  # one of several in a file
        name = f"{wanted.name}{rig.name.removeprefix(stem)}"
    return replace(rig, name=name, takes=wanted.takes or rig.takes)


def _mapped(mapping: Mapping[str, str], rigs: Sequence[Rig], shots: Sequence[Shot]) -> Mapping[str, str]:
    """The map, where it names cameras that some rig and some take have; raises `RigError` for others."""
    named = list(dict.fromkeys(name for rig in rigs for name in rig.cameras))
    cameras = list(dict.fromkeys(shot.camera for shot in shots if shot.camera))
    for name, camera in mapping.items():
        if name not in named:
            raise RigError(f"The file has no camera {name}; it has {_some(named)}.")
        if camera not in cameras:
            raise RigError(f"The project has no camera {camera}; it has {_some(cameras)}.")
    return mapping


def _fit(rig: Rig, shots: Sequence[Shot], wanted: RigWishes, views: Sequence[View]) -> RigFit:
    cameras = list(dict.fromkeys(shot.camera for shot in shots if shot.camera))
    mapping = {name: ours for name, ours in wanted.mapping.items() if name in rig.cameras and ours in cameras}
    matches = match_cameras(list(rig.cameras), cameras, mapping)
    sizes = {camera: {(s.width, s.height) for s in shots if s.camera == camera} for camera in cameras}
    refusals, notes = _speaks_against(rig, matches, cameras, sizes, wanted.scale)
    made = None if refusals else _renamed(rig, matches, sizes)
    checked = reprojection(made, views) if made is not None else {}
    if made is not None and (reason := _mixed_up(made, checked)):
        refusals.append(reason)
    if matches.alike:
        notes.append(
            "Matched by names that are alike, not the same: "
            + ", ".join(f"{name} = {matches.pairs[name]}" for name in matches.alike)
        )
    fits = []
    for name, camera in rig.cameras.items():
        ours = matches.pairs.get(name, "")
        frame_size = next(iter(sizes[ours])) if ours and len(sizes[ours]) == 1 else None
        size = (camera.width, camera.height)
        fits.append(
            CameraFit(name, ours, matches.unmatched.get(name, ""), size, frame_size, checked.get(ours))
        )
    matched = set(matches.pairs.values())
    return RigFit(
        None if refusals else made,
        rig.name,
        rig.takes,
        sum(shot.frames for shot in shots if shot.camera in matched),
        tuple(fits),
        tuple(camera for camera in cameras if camera not in matched),
        tuple(refusals),
        (*rig.notes, *notes),
    )


def _speaks_against(
    rig: Rig,
    matches: CameraMatches,
    cameras: Sequence[str],
    sizes: Mapping[str, set[tuple[int, int]]],
    scale: bool,
) -> tuple[list[str], list[str]]:
    """Refusals and notes."""
    if len(matches.pairs) < 2:
        named = _some(list(rig.cameras))
        ours = _some(list(cameras)) or "none (their paths were read without one)"
        told = "".join(f" {name} {why}." for name, why in matches.unmatched.items() if "could be" in why)
        return [
            f"{len(matches.pairs)} of the file's cameras fit the project, two or more are needed. The file's are "
            f"{named}; the project's are {ours}.{told} Say by a map (--map) which is which."
        ], []
    refusals, notes = [], []
    other: dict[tuple[int, int, int, int], list[str]] = {}  # cameras of which pictures are of another size
    for name, ours in matches.pairs.items():
        camera, found = rig.cameras[name], sizes[ours]
        if len(found) > 1:
            told = " and ".join(f"{w} x {h}" for w, h in sorted(found))
            refusals.append(
                f"The frames of camera {ours} have several sizes, {told}; name the takes of one of them."
            )
        elif (size := (camera.width, camera.height)) not in found:
            other.setdefault((*size, *next(iter(found))), []).append(name)
    for (calibrated, high, width, height), names in other.items():
        many = len(names) > 1
        text = (
            f"{'Cameras' if many else 'Camera'} {_some(names)} {'were' if many else 'was'} calibrated at {calibrated} x {high}, "
            f"{'their' if many else 'its'} frames have {width} x {height}"
        )
        if abs(high * width / calibrated - height) > 1:
            refusals.append(
                f"{text}: of another shape, so they were cropped or turned. Calibrate such pictures."
            )
        elif not scale:
            refusals.append(
                f"{text}. Where they are the same pictures made smaller or larger, allow to scale (--scale)."
            )
        else:
            notes.append(f"{text}; {'they are' if many else 'it is'} scaled.")
    return refusals, notes


def _renamed(rig: Rig, matches: CameraMatches, sizes: Mapping[str, set[tuple[int, int]]]) -> Rig:
    """With the project's names and sizes; the corner of the first pixel is at (0, 0), so scaling needs no shift."""
    cameras = {}
    for name, ours in matches.pairs.items():
        camera, (width, height) = rig.cameras[name], next(iter(sizes[ours]))
        factors = np.array([[width / camera.width], [height / camera.height], [1.0]])
        cameras[ours] = CameraModel(
            ours, width, height, camera.matrix * factors, camera.distortion, camera.camera_from_world
        )
    return replace(rig, cameras=cameras)


def _mixed_up(rig: Rig, checked: Mapping[str, Reprojection]) -> str:
    """Why a rig cannot be the one that saw people's points; "" where it can, or where too few are there to say."""
    points = sum(each.points for each in checked.values())
    if points < _FEWEST_POINTS:
        return ""
    median = float(np.median([each.median for each in checked.values()]))
    longest = max(max(camera.width, camera.height) for camera in rig.cameras.values())
    if median <= _WRONG_SHARE * longest:
        return ""
    return (
        f"People's points lie {median:.0f} px (median of {points}) from where this rig sees them. "
        "Cameras are mixed up (map them: --map), or it is of other takes."
    )


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
