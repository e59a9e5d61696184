"""Agisoft Metashape's cameras (File > Export > Export Cameras, Agisoft XML).

By the manual's appendix on camera models (https://www.agisoft.com/pdf/metashape-pro_2_1_en.pdf, "Frame cameras") the centre of
the top left pixel is at (0.5, 0.5), cx and cy count from the picture's middle, and

    u = w / 2 + cx + x' (f + b1) + y' b2,   v = h / 2 + cy + y' f
    x' = x (1 + k1 r^2 + k2 r^4 + k3 r^6 + k4 r^8) + p1 (r^2 + 2 x^2) + 2 p2 x y

so p1 and p2 are OpenCV's p2 and p1, b1 is a difference of focal lengths, and b2 a skew. A camera's `transform` is chunk from
camera; the chunk's (or component's) rotation, translation and scale lead to the world, in metres where the reference says so.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Final

import numpy as np

from annotator.domain.rigs.rig import CameraModel, Floats, Rig, RigError
from annotator.domain.rigs.rig_values import numbers, rig_of
from annotator.files import atomic_file
from annotator.rigs.files.building import camera_model, names_of, parse_xml, turned
from annotator.rigs.files.source import Source

_BEYOND: Final = ("k4", "p3", "p4")
_METRE: Final = ('UNIT["metre",1', 'UNIT["meter",1')


class Agisoft:
    """Cameras that are aligned, enabled and upright."""

    name = "agisoft"
    title = "Agisoft Metashape XML"
    extensions: tuple[str, ...] = (".xml",)
    writes = True
    convention = (
        "The first pixel's centre is at (0.5, 0.5); principal points count from the middle of the picture."
    )

    def recognises(self, source: Source) -> bool:
        """XML with a chunk of sensors and cameras."""
        if source.path.is_dir():
            return False
        text = source.text()
        return text.lstrip().startswith("<") and "<chunk" in text and "<sensor" in text and "<camera" in text

    def read(self, source: Source) -> tuple[Rig, ...]:
        """One rig of the file's chunk."""
        document = parse_xml(source.text())
        version = document.get("version", "")
        if version and tuple(int(part) for part in version.split(".")[:2] if part.isdigit()) < (1, 2):
            raise RigError(
                f"{source.path.name} is of version {version}, before 1.2, where cx and cy meant something else; "
                "open the project in Metashape and export the cameras again."
            )
        chunks = [document] if document.tag == "chunk" else document.findall(".//chunk")
        if len(chunks) != 1:
            raise RigError(f"{source.path.name} has {len(chunks)} chunks; export the cameras of one.")
        chunk = chunks[0]
        sensors = {sensor.get("id", ""): sensor for sensor in chunk.iter("sensor")}
        aligned = []
        for entry in chunk.iter("camera"):
            if entry.find("transform") is None or entry.get("enabled", "1").lower() in ("0", "false"):
                source.note(f"{entry.get('label', 'A camera')} is not aligned or not enabled; left out.")
            else:
                aligned.append(entry)
        names = names_of([entry.get("label", "") for entry in aligned])
        cameras = [
            _camera(source, name, entry, sensors, _world(chunk, entry))
            for name, entry in zip(names, aligned, strict=True)
        ]
        reference = "".join(chunk.findtext("reference") or "").replace(" ", "").lower()
        metres = any(known.lower() in reference for known in _METRE)
        return (rig_of(source.path.stem, cameras, unit=1000.0 if metres else 0.0, source=source.path.name),)

    def write(self, rig: Rig, path: Path) -> None:
        """A chunk with a sensor a camera, which Metashape imports as cameras."""
        document = ET.Element("document", version="2.0.0")
        chunk = ET.SubElement(document, "chunk", label=rig.name, enabled="true")
        sensors, cameras = ET.SubElement(chunk, "sensors"), ET.SubElement(chunk, "cameras")
        for number, camera in enumerate(rig.cameras.values()):
            _write_sensor(sensors, str(number), camera)
            entry = ET.SubElement(
                cameras, "camera", id=str(number), sensor_id=str(number), label=camera.name, enabled="true"
            )
            pose = np.concatenate([turned(camera.camera_from_world), [[0, 0, 0, 1.0]]])
            ET.SubElement(entry, "transform").text = " ".join(repr(float(v)) for v in pose.ravel())
        ET.indent(document)
        with atomic_file(path) as staged:
            ET.ElementTree(document).write(staged, encoding="utf-8", xml_declaration=True)


def _world(chunk: ET.Element, camera: ET.Element) -> tuple[Floats, Floats, float]:
    """Rotation, translation and scale, world from chunk; those of the camera's component where it has its own."""
    own = camera.get("component_id")
    components = [c for c in chunk.iter("component") if c.get("id") == own and own is not None]
    for holder in (*components, chunk):
        found = holder.find("transform")
        if found is not None:
            turn = found.findtext("rotation") or "1 0 0 0 1 0 0 0 1"
            place = found.findtext("translation") or "0 0 0"
            scale = float(
                numbers((found.findtext("scale") or "1").split(), (1,), "The scale of the chunk")[0]
            )
            if scale <= 0:
                raise RigError("The scale of the chunk must be above zero.")
            return (
                numbers(turn.split(), (3, 3), "The rotation of the chunk"),
                numbers(place.split(), (3,), "The translation of the chunk"),
                scale,
            )
    return np.eye(3), np.zeros(3), 1.0


def _camera(
    source: Source,
    name: str,
    entry: ET.Element,
    sensors: dict[str, ET.Element],
    world: tuple[Floats, Floats, float],
) -> CameraModel:
    if (entry.findtext("orientation") or "1").strip() != "1":
        raise RigError(
            f"The pictures of camera {name} are turned (orientation {entry.findtext('orientation')}); "
            "calibrate upright pictures."
        )
    sensor = sensors.get(entry.get("sensor_id", ""))
    if sensor is None:
        raise RigError(f"Camera {name} has no sensor in {source.path.name}; export the cameras again.")
    size, matrix, terms = _lens(name, sensor)
    pose = numbers((entry.findtext("transform") or "").split(), (4, 4), f"The transform of camera {name}")
    turn, place, scale = world
    world_from_camera = np.concatenate(
        [turn @ pose[:3, :3], (scale * (turn @ pose[:3, 3]) + place)[:, None]], axis=1
    )
    return camera_model(source, name, size, matrix, terms, turned(world_from_camera))


def _lens(name: str, sensor: ET.Element) -> tuple[tuple[object, object], Floats, Floats]:
    """Size, K with a skew, and OpenCV's distortion of a sensor."""
    found = sensor.findall("calibration")
    calibration = next((c for c in found if c.get("class") == "adjusted"), found[0] if found else None)
    if calibration is None:
        raise RigError(f"The sensor of camera {name} is not calibrated; align the cameras and export again.")
    kind = calibration.get("type", sensor.get("type", "frame"))
    if kind != "frame":
        raise RigError(f"Camera {name} is of Metashape's model {kind}; only frame cameras are read.")
    resolution = calibration.find("resolution")
    resolution = sensor.find("resolution") if resolution is None else resolution
    if resolution is None:
        raise RigError(f"The sensor of camera {name} has no resolution; export the cameras again.")
    size = numbers(
        [resolution.get("width"), resolution.get("height")], (2,), f"The resolution of camera {name}"
    )
    tags = ("f", "cx", "cy", "b1", "b2", "k1", "k2", "k3", "p1", "p2", *_BEYOND)
    values = {
        tag: float(numbers((calibration.findtext(tag) or "0").split(), (1,), f"{tag} of camera {name}")[0])
        for tag in tags
    }
    beyond = [tag for tag in _BEYOND if values[tag]]
    if beyond:
        raise RigError(
            f"Camera {name} has {' and '.join(beyond)}, which OpenCV's model lacks; in Metashape, Tools > Optimize "
            "Cameras without them, and export again."
        )
    f, b1 = values["f"], values["b1"]
    matrix = np.array(
        [[f + b1, values["b2"], size[0] / 2 + values["cx"]], [0, f, size[1] / 2 + values["cy"]], [0, 0, 1]]
    )
    terms = np.array([values[tag] for tag in ("k1", "k2", "p2", "p1", "k3")])
    short = terms[:4] if not terms[4] else terms
    return (float(size[0]), float(size[1])), matrix, short if terms.any() else terms[:0]


def _write_sensor(sensors: ET.Element, number: str, camera: CameraModel) -> None:
    terms = np.pad(camera.distortion, (0, max(0, 5 - camera.distortion.size)))
    if terms[5:].any():
        raise RigError(
            f"Camera {camera.name} has more terms of distortion than Metashape's frame model; choose another format."
        )
    side = {"width": str(camera.width), "height": str(camera.height)}
    sensor = ET.SubElement(sensors, "sensor", id=number, label=camera.name, type="frame")
    ET.SubElement(sensor, "resolution", side)
    calibration = ET.SubElement(sensor, "calibration", {"type": "frame", "class": "adjusted"})
    ET.SubElement(calibration, "resolution", side)
    k = camera.matrix
    values = {
        "f": k[1, 1],
        "cx": k[0, 2] - camera.width / 2,
        "cy": k[1, 2] - camera.height / 2,
        "b1": k[0, 0] - k[1, 1],
        **dict(zip(("k1", "k2", "p2", "p1", "k3"), terms[:5], strict=True)),
    }
    for tag, value in values.items():
        ET.SubElement(calibration, tag).text = repr(float(value))
