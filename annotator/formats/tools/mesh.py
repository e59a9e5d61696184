"""MediaPipe's face landmarker: JSON of its results, in the spellings of its Python, JavaScript and older versions.

Convention: x and y are shares of the picture, (0, 0) is its outer corner. The mesh has 468 points, 478 with the irises; the
landmarks of a scheme are points of it, or lie between two, as the shipped mappings say. Read only: a scheme has no mesh.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn

from annotator.domain.errors import AnnotatorError, FormatError
from annotator.domain.faces.mediapipe_mesh import MESH_POINTS, read_mapping
from annotator.domain.outside_files import parse_json
from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.scheme import LandmarkScheme
from annotator.formats.base import PLAIN, DatasetView, ImportedDataset, WriteOptions
from annotator.formats.look import Look
from annotator.formats.named import AS_NAMED, Point, Reading, number_in, numbered
from annotator.formats.texts import bounded_text
from annotator.formats.tools.folders import json_files

_FACES = ("faceLandmarks", "face_landmarks", "multi_face_landmarks")
_PICTURES = ("image", "file", "file_name", "filename", "path", "frame")
_MAX_BYTES = 256 << 20
_WITHOUT_IRISES = 468


class Mesh:
    """The format of MediaPipe's results."""

    name = "mediapipe"
    title = "MediaPipe face landmarker (JSON)"
    extensions: tuple[str, ...] = (".json",)
    writes_folder = True
    convention = "shares of the picture from its outer corner; a mesh of 468 or 478 points"
    occlusion = False
    confidence = False
    writes = False

    def recognises(self, look: Look) -> bool:
        """JSON with the landmarks of faces."""
        return any(next(_results(sample.json), None) is not None for sample in look.samples(".json"))

    def write(
        self,
        dataset: DatasetView,
        path: Path,
        options: WriteOptions = PLAIN,
        progress: Progress = silent,
        stop: Stop = never,
    ) -> NoReturn:
        """Never: raises FormatError."""
        raise FormatError(f"{self.title} is only read: landmarks do not make a mesh; choose another format")

    def read(
        self, path: Path, scheme: LandmarkScheme, names: Mapping[str, str] | None = None
    ) -> ImportedDataset:
        """One file of one result or a list of them, or all below a folder; a result without a picture is that of its file."""
        reading = Reading(path, scheme, names)
        for name, file in json_files(path):
            try:
                results = list(_results(parse_json(bounded_text(file, _MAX_BYTES))))
            except (ValueError, FormatError) as error:
                reading.left_out[name] = f"is no valid JSON: {error}"
                continue
            for result in results:
                faces = [_mesh(face) for face in _faces(result)]
                told = next((str(result[key]) for key in _PICTURES if isinstance(result.get(key), str)), "")
                points = [
                    numbered(face) if names or scheme is AS_NAMED else _landmarks(face, scheme)
                    for face in faces
                ]
                reading.add(told or str(PurePosixPath(name)), points, in_shares=True)
        return reading.dataset(without_endings=True)


def _results(document: Any) -> Iterator[Mapping[str, Any]]:
    entries = document if isinstance(document, list) else [document]
    return (entry for entry in entries if isinstance(entry, dict) and any(key in entry for key in _FACES))


def _faces(result: Mapping[str, Any]) -> list[Any]:
    faces: Any = next((result[key] for key in _FACES if key in result), None)
    return faces if isinstance(faces, list) else []


def _mesh(face: Any) -> list[Point | None]:
    points = face.get("landmark") if isinstance(face, dict) else face
    return [
        Point(number_in(point, "x"), number_in(point, "y")) if isinstance(point, dict) else None
        for point in (points if isinstance(points, list) else [])
    ]


def _landmarks(mesh: list[Point | None], scheme: LandmarkScheme) -> dict[str, Point]:
    """The scheme's landmarks on a mesh; those of the irises are missing where it has none.

    Raises FormatError for a list of another length, or where no mapping to the scheme ships.
    """
    if len(mesh) not in (_WITHOUT_IRISES, MESH_POINTS):
        raise FormatError(f"a face has {len(mesh)} points, a mesh {_WITHOUT_IRISES} or {MESH_POINTS}")
    try:
        firsts, seconds, shares = read_mapping(scheme)
    except AnnotatorError as error:
        raise FormatError(f"{error} Tell which point is which landmark by a map of names") from None
    found = {}
    for name, first, second, share in zip(scheme.names, firsts, seconds, shares, strict=True):
        if max(first, second) >= len(mesh):
            continue
        a, b = mesh[first], mesh[second]
        if a is not None and b is not None:
            found[name] = Point(a.x + (b.x - a.x) * float(share), a.y + (b.y - a.y) * float(share))
    return found
