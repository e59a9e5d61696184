"""SLEAP's `.slp`, written and read by `sleap-io` (extra `sleap`).

Convention: pixel centres from 0 (SLEAP's files since its format 1.1; sleap-io converts older ones), so x is ours minus 0.5
(and y). A node that is not visible is an occluded landmark. Proposals become predicted instances with a score for each point.
Frames are the pictures of a video of pictures, one a size, since a video has one; no picture is opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from annotator.domain.errors import FormatError
from annotator.domain.outside_files import check_regular
from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.scheme import LandmarkScheme
from annotator.files import atomic_file, atomic_pair
from annotator.formats.base import (
    PLAIN,
    DatasetFrame,
    DatasetView,
    ImportedDataset,
    WriteOptions,
    Written,
    check_target,
    columns_of,
    manifest_of,
    manifest_text,
)
from annotator.formats.look import Look
from annotator.formats.named import Point, Reading
from annotator.formats.placed import Placed, each, placed

SHIFT = -0.5
_MAX_BYTES = 2 << 30


class Sleap:
    """The SLEAP labels format."""

    name = "sleap"
    title = "SLEAP labels (.slp)"
    extensions: tuple[str, ...] = (".slp",)
    writes_folder = False
    convention = "0-based pixel centres: x, y are 0.5 less than Annotator's; not visible is occluded, scores as confidence"
    occlusion = True
    confidence = True
    writes = True

    def recognises(self, look: Look) -> bool:
        """An HDF5 file with what SLEAP keeps in it."""
        return look.head.startswith(b"\x89HDF") and (
            look.path.suffix.lower() == ".slp" or b"videos_json" in look.head
        )

    def write(
        self,
        dataset: DatasetView,
        path: Path,
        options: WriteOptions = PLAIN,
        progress: Progress = silent,
        stop: Stop = never,
    ) -> Written:
        """One file, all or nothing; pictures are named by their paths in the captures."""
        sio = _library()
        check_target(dataset, path, options)
        skeleton = _skeleton(sio, dataset.scheme, columns_of(dataset.scheme, options))
        videos = _videos(sio, dataset)
        frames, total = [], 0
        for item in each(dataset, progress, stop):
            points = placed(item, dataset, options, SHIFT)
            total += sum(point is not None for point in points)
            video, index = videos[item.frame.path]
            frames.append(sio.LabeledFrame(video, index, _instances(sio, skeleton, points)))
        unique = list({id(video): video for video, _ in videos.values()}.values())
        labels = sio.Labels(frames, videos=unique, skeletons=[skeleton])
        written = Written((path,), len(dataset.frames), total)
        if dataset.manifest is None:
            with atomic_file(path) as staged:
                _save(sio, labels, staged)
            return written
        with atomic_pair(path, manifest_of(path, in_folder=False)) as (data, about):
            _save(sio, labels, data)
            about.write_text(manifest_text(dataset.manifest(written)), encoding="utf-8")
        return written

    def read(
        self, path: Path, scheme: LandmarkScheme, names: Mapping[str, str] | None = None
    ) -> ImportedDataset:
        """Its frames: what people placed, and where they placed nothing what was predicted."""
        sio = _library()
        labels = _load(sio, path)
        reading = Reading(path, scheme, names)
        for frame in labels.labeled_frames:
            listed = frame.video.filename
            if not isinstance(listed, list):
                reading.left_out[f"{listed} {frame.frame_idx}"] = (
                    "is a frame of a video file, which frames are not known by"
                )
                continue
            shape = frame.video.backend_metadata.get("shape") or (0, 0, 0, 0)
            people = [each for each in frame.instances if not isinstance(each, sio.PredictedInstance)]
            faces = [_face(instance) for instance in (people or frame.instances)]
            picture = str(listed[frame.frame_idx]) if 0 <= frame.frame_idx < len(listed) else ""
            reading.add(picture, faces, int(shape[2] or 0), int(shape[1] or 0))
        every = [node.name for skeleton in labels.skeletons[:1] for node in skeleton.nodes]
        return reading.dataset(every)


def _library() -> Any:
    try:
        import sleap_io
    except ImportError:
        raise FormatError(
            'SLEAP files need sleap-io, which is not installed: pip install "annotator-landmarks[sleap]"'
        ) from None
    return sleap_io


def _save(sio: Any, labels: Any, staged: Path) -> None:
    named = staged.with_name(f"{staged.name}.slp")  # the library tells the format by the name
    try:
        sio.save_slp(labels, str(named), embed=False, verbose=False)
        named.replace(staged)
    finally:
        named.unlink(missing_ok=True)


def _load(sio: Any, path: Path) -> Any:
    try:
        size = check_regular(path).st_size
        if size > _MAX_BYTES:
            raise FormatError(
                f"{path} has {size / 2**20:.0f} MiB; at most {_MAX_BYTES >> 20} are read, split it"
            )
        return sio.load_slp(str(path), open_videos=False)
    except FormatError:
        raise
    except FileNotFoundError:
        raise FormatError(f"{path} does not exist; choose the file to read") from None
    except Exception as error:  # a library of another project meets damaged files with errors of many kinds
        raise FormatError(f"{path} is no whole SLEAP file: {error}; save it again") from error


def _skeleton(sio: Any, scheme: LandmarkScheme, columns: list[int]) -> Any:
    names = [scheme.names[index] for index in columns]
    edges = []
    for curve in scheme.curves:
        edges += [
            (scheme.names[a], scheme.names[b])
            for a, b in pairwise(curve.indices)
            if a in columns and b in columns
        ]
    pairs = {
        tuple(sorted((name, scheme.names[int(scheme.mirror[index])])))
        for name, index in zip(names, columns, strict=True)
        if int(scheme.mirror[index]) in columns and int(scheme.mirror[index]) != index
    }
    return sio.Skeleton(names, edges=edges, symmetries=sorted(pairs), name="face")


def _videos(sio: Any, dataset: DatasetView) -> dict[str, tuple[Any, int]]:
    """Path of a frame -> its video of pictures and the number in it."""
    sizes: dict[tuple[int, int], list[DatasetFrame]] = {}
    for item in dataset.frames:
        sizes.setdefault((item.frame.width, item.frame.height), []).append(item)
    found: dict[str, tuple[Any, int]] = {}
    for (width, height), items in sizes.items():
        paths = [item.frame.path for item in items]
        told = {
            "type": "ImageVideo",
            "shape": [len(paths), height, width, 3],
            "filename": paths[0],
            "filenames": paths,
            "height_": height,
            "width_": width,
            "channels_": 3,
            "grayscale": False,
        }
        video = sio.Video(filename=paths, backend_metadata=told, open_backend=False)
        found |= {path: (video, index) for index, path in enumerate(paths)}
    return found


def _instances(sio: Any, skeleton: Any, points: list[Placed | None]) -> list[Any]:
    """What people set, and apart from it what a model proposed."""
    made = []
    for proposed in (False, True):
        kept = [
            point if point is not None and (point.confidence < 1) == proposed else None for point in points
        ]
        if not any(kept):
            continue
        xy = np.array([(point.x, point.y) if point else (np.nan, np.nan) for point in kept])
        if proposed:
            scores = np.array([point.confidence if point else 0.0 for point in kept])
            instance = sio.PredictedInstance.from_numpy(
                xy,
                skeleton=skeleton,
                point_scores=scores,
                score=float(scores[scores > 0].mean() if any(scores) else 0),
            )
        else:
            instance = sio.Instance.from_numpy(xy, skeleton=skeleton)
        for index, point in enumerate(kept):
            if point is not None and point.occluded:
                instance.points["visible"][index] = False
        made.append(instance)
    return made


def _face(instance: Any) -> dict[str, Point]:
    points = instance.points
    scored = "score" in (points.dtype.names or ())
    return {
        str(row["name"]): Point(
            float(row["xy"][0]) - SHIFT,
            float(row["xy"][1]) - SHIFT,
            not bool(row["visible"]),
            float(row["score"]) if scored else float("nan"),
        )
        for row in points
        if np.isfinite(row["xy"]).all()
    }
