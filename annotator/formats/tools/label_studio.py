"""Label Studio: a JSON list of tasks with results of the type `keypointlabels`.

Convention: places are percent of the picture, (0, 0) is its outer corner, so with its size they are ours. There is no place
for occlusion; `score` of a result is the confidence. People's landmarks are written as annotations, proposals as predictions.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from annotator.domain.errors import FormatError
from annotator.domain.outside_files import parse_json
from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.scheme import LandmarkScheme
from annotator.formats.base import PLAIN, DatasetView, ImportedDataset, WriteOptions, Written
from annotator.formats.look import Look
from annotator.formats.named import Point, Reading, number_in
from annotator.formats.placed import Placed, each, placed, spread_out, write_text
from annotator.formats.texts import bounded_text
from annotator.formats.tools.folders import side

_MAX_BYTES = 512 << 20
_LAYERS = ("annotations", "completions", "predictions")
"""Where a task keeps results; the first that has points counts. `completions` is what older versions say."""


class LabelStudio:
    """The Label Studio format."""

    name = "labelstudio"
    title = "Label Studio tasks (JSON)"
    extensions: tuple[str, ...] = (".json",)
    writes_folder = False
    convention = "percent of the picture from its outer corner; no occlusion, scores as confidence"
    occlusion = False
    confidence = True
    writes = True

    def recognises(self, look: Look) -> bool:
        """A list of tasks with data and results; or a long one that begins so."""
        if look.json is None:
            return look.text.startswith("[") and '"keypointlabels"' in look.text
        tasks = look.json if isinstance(look.json, list) else []
        return any(
            isinstance(task, dict) and "data" in task and bool(task.keys() & set(_LAYERS))
            for task in tasks[:50]
        )

    def write(
        self,
        dataset: DatasetView,
        path: Path,
        options: WriteOptions = PLAIN,
        progress: Progress = silent,
        stop: Stop = never,
    ) -> Written:
        """One list of tasks; landmarks out of frame are left out, as percents end at the border."""

        def text() -> tuple[str, int]:
            tasks = []
            total = 0
            for number, item in enumerate(each(dataset, progress, stop), 1):
                size = (item.frame.width, item.frame.height)
                if not all(size):
                    raise FormatError(
                        f"{item.frame.path} has no size, and places are shares of it; import it again"
                    )
                points = [point for point in placed(item, dataset, options, 0.0) if point and not point.away]
                total += len(points)
                people = [point for point in points if point.confidence == 1]
                models = [point for point in points if point.confidence < 1]
                task: dict[str, Any] = {"id": number, "data": {"image": item.frame.path}}
                task["annotations"] = [{"result": _result(people, size, number)}] if people else []
                task["predictions"] = (
                    [{"model_version": item.model_id or "", "result": _result(models, size, number)}]
                    if models
                    else []
                )
                tasks.append(task)
            return spread_out(tasks), total

        return write_text(dataset, path, options, text)

    def read(
        self, path: Path, scheme: LandmarkScheme, names: Mapping[str, str] | None = None
    ) -> ImportedDataset:
        """The points of its tasks; of several annotations of a task the newest, that is the last, counts."""
        try:
            tasks = parse_json(bounded_text(path, _MAX_BYTES))
        except ValueError as error:
            raise FormatError(f"{path} is no valid JSON: {error}; was the file cut short?") from None
        if not isinstance(tasks, list):
            raise FormatError(f"{path} is no list of tasks; export from Label Studio as JSON")
        reading = Reading(path, scheme, names)
        for number, task in enumerate(tasks):
            if not isinstance(task, dict):
                continue
            found: dict[str, Point] = {}
            size = (0, 0)
            for results in _layers(task):
                points, told = _points(results)
                if points:
                    found, size = {**points, **found}, told
            picture = _picture(task)
            reading.add(picture or f"task {task.get('id', number)}", [found], *size)
        return reading.dataset()


def _result(points: Iterable[Placed], size: tuple[int, int], task: int) -> list[dict[str, Any]]:
    width, height = size
    return [
        {
            "id": f"{task}-{point.name}",
            "type": "keypointlabels",
            "from_name": "landmark",
            "to_name": "image",
            "original_width": width,
            "original_height": height,
            "image_rotation": 0,
            "value": {
                "x": 100 * point.x / width,
                "y": 100 * point.y / height,
                "width": 0.2,
                "keypointlabels": [point.name],
            },
            **({"score": round(point.confidence, 4)} if point.confidence < 1 else {}),
        }
        for point in points
    ]


def _layers(task: Mapping[str, Any]) -> Iterable[list[Any]]:
    """The results of a task: the newest annotation of people first, then predictions for what it lacks."""
    for layer in _LAYERS:
        entries = task.get(layer)
        kept = [
            entry["result"]
            for entry in (entries if isinstance(entries, list) else ())
            if isinstance(entry, dict)
            and isinstance(entry.get("result"), list)
            and not entry.get("was_cancelled")
        ]
        yield from kept[-1:]


def _points(results: list[Any]) -> tuple[dict[str, Point], tuple[int, int]]:
    found, size = {}, (0, 0)
    sizes: dict[str, tuple[int, int]] = {}
    for result in results:
        if isinstance(result, dict) and side(result, "original_width") and side(result, "original_height"):
            told = side(result, "original_width"), side(result, "original_height")
            size = size if all(size) else told
            sizes[str(result.get("id"))] = told
    for result in results:
        value = result.get("value") if isinstance(result, dict) else None
        labels = value.get("keypointlabels") if isinstance(value, dict) else None
        if not isinstance(value, dict) or not isinstance(labels, list) or not labels:
            continue
        width, height = sizes.get(str(result.get("id")), size)
        if width and height:
            x, y = number_in(value, "x") * width / 100, number_in(value, "y") * height / 100
            found[str(labels[0])] = Point(x, y, False, number_in(result, "score"))
    return found, size


def _picture(task: Mapping[str, Any]) -> str:
    """The path of a task's picture: of a link to local files the path in it, of an upload the file's own name."""
    data = task.get("data")
    values = [value for value in data.values() if isinstance(value, str)] if isinstance(data, dict) else []
    text = next(iter([str(data["image"])] if isinstance(data, dict) and "image" in data else values), "")
    if not text:
        return _video_frame(task) or str(task.get("file_upload") or "")
    parts = urlsplit(text) if "://" in text or text.startswith("/data/") else None
    if parts is None:
        return text
    local = parse_qs(parts.query).get("d")
    return unquote(local[0] if local else parts.path).lstrip("/")


def _video_frame(task: Mapping[str, Any]) -> str:
    """The file that sleap-io tells of in `meta`: its list of pictures with the number of one."""
    meta = task.get("meta")
    video = meta.get("video") if isinstance(meta, dict) else None
    names = video.get("filename") if isinstance(video, dict) else None
    index = video.get("frame_idx") if isinstance(video, dict) else None
    if isinstance(names, list) and isinstance(index, int) and 0 <= index < len(names):
        return str(names[index])
    return ""
