"""Metashape's XML, against the equations of its manual written out once more."""

from pathlib import Path

import numpy as np
import pytest
from rig_values import POINTS, pixels

from annotator.domain.rigs.rig import RigError
from annotator.rigs.files.registry import read_rigs

SENSOR = {
    "f": 5300.5, "cx": 12.25, "cy": -8.5, "b1": 3.5, "b2": 0.0, "k1": -0.12, "k2": 0.3, "k3": 0.1, "p1": 0.002, "p2": -0.003,
}  # fmt: skip
TURN = np.array([[0.8, 0, 0.6], [0, 1, 0], [-0.6, 0, 0.8]])
PLACE, SCALE = np.array([5.0, -3, 2]), 250.0
CHUNK_FROM_CAMERA = {  # in the chunk's own unit
    "front.JPG": np.block([[np.eye(3), np.array([[0.1], [0.2], [-6.0]])], [np.zeros(3), 1]]),
    "left.JPG": np.block([[TURN.T, np.array([[3.4], [0.1], [-4.9]])], [np.zeros(3), 1]]),
}


def document(
    sensor: dict[str, float] = SENSOR,
    extra: str = "",
    chunk: str = "",
    head: str = "",
    version: str = "2.0.0",
) -> str:
    lens = "".join(f"<{tag}>{value!r}</{tag}>" for tag, value in sensor.items())
    cameras = "".join(
        f'<camera id="{i}" sensor_id="0" component_id="0" label="{label}"><transform>'
        f"{' '.join(map(repr, pose.ravel().tolist()))}</transform><orientation>1</orientation></camera>"
        for i, (label, pose) in enumerate(CHUNK_FROM_CAMERA.items())
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>{head}
<document version="{version}"><chunk label="Chunk 1" enabled="true">
<sensors next_id="1"><sensor id="0" label="X (50 mm)" type="frame"><resolution width="2048" height="1536"/>
<calibration type="frame" class="initial"><f>1</f></calibration>
<calibration type="frame" class="adjusted"><resolution width="2048" height="1536"/>{lens}</calibration></sensor></sensors>
<components next_id="1"><component id="0"><transform><rotation>{" ".join(map(repr, TURN.ravel().tolist()))}</rotation>
<translation>{" ".join(map(repr, PLACE.tolist()))}</translation><scale>{SCALE}</scale></transform></component></components>
<cameras next_id="9"><group id="0">{cameras}</group>{extra}</cameras>
<reference>LOCAL_CS["Local Coordinates (m)",LOCAL_DATUM["Local Datum",0],UNIT["metre",1,AUTHORITY["EPSG","9001"]]]</reference>
{chunk}</chunk></document>"""


def seen_by_the_manual(label: str, sensor: dict[str, float]) -> np.ndarray:
    chunk = (POINTS - PLACE) @ TURN / SCALE  # world = SCALE * TURN @ chunk + PLACE
    pose = CHUNK_FROM_CAMERA[label]
    X, Y, Z = ((chunk - pose[:3, 3]) @ pose[:3, :3]).T
    x, y = X / Z, Y / Z
    r2 = x**2 + y**2
    s = sensor
    radial = 1 + s["k1"] * r2 + s["k2"] * r2**2 + s["k3"] * r2**3
    xd = x * radial + s["p1"] * (r2 + 2 * x**2) + 2 * s["p2"] * x * y
    yd = y * radial + s["p2"] * (r2 + 2 * y**2) + 2 * s["p1"] * x * y
    u = 2048 / 2 + s["cx"] + xd * s["f"] + xd * s["b1"] + yd * s["b2"]
    return np.stack([u, 1536 / 2 + s["cy"] + yd * s["f"]], axis=1)


def put(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "cameras.xml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize("skew", [0.0, 0.1])
def test_points_are_seen_where_the_manual_puts_them(skew: float, tmp_path: Path) -> None:
    sensor = SENSOR | {"b2": skew}
    read = read_rigs(put(tmp_path, document(sensor)))
    assert read.format.name == "agisoft"
    rig = read.rigs[0]
    assert list(rig.cameras) == ["front", "left"]
    assert rig.unit == 1000.0
    assert bool(read.notes) is bool(skew)
    for label in CHUNK_FROM_CAMERA:
        seen = pixels(rig.cameras[label.removesuffix(".JPG")])
        np.testing.assert_allclose(seen, seen_by_the_manual(label, sensor), atol=0.02 if skew else 1e-8)


def test_cameras_that_are_not_aligned_or_enabled_are_left_out_and_told(tmp_path: Path) -> None:
    pose = " ".join(map(str, np.eye(4).ravel()))
    extra = (
        '<camera id="7" sensor_id="0" label="lost"/>'
        f'<camera id="8" sensor_id="0" label="off" enabled="false"><transform>{pose}</transform></camera>'
    )
    read = read_rigs(put(tmp_path, document(extra=extra)))
    assert list(read.rigs[0].cameras) == ["front", "left"]
    assert ["lost" in note or "off" in note for note in read.notes] == [True, True]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (document(SENSOR | {"b2": 40.0}), "skew"),
        (document(SENSOR | {"k4": 0.01}), "k4"),
        (document(SENSOR | {"f": 0.0}), "focal"),
        (document(version="1.1.0"), "before 1.2"),
        (document().replace('type="frame"', 'type="fisheye"'), "fisheye"),
        (document().replace("<orientation>1<", "<orientation>6<"), "turned"),
        (document().replace('sensor_id="0"', 'sensor_id="5"'), "no sensor"),
        (document().replace("<scale>250.0<", "<scale>-1<"), "scale"),
        (document().replace("<f>5300.5<", "<f>many<"), "f of camera"),
        (document().replace("</document>", "</chunk>"), "damaged"),
        (document(head='<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'), "entities"),
        (document().replace("</document>", "<chunk><sensors/><cameras/></chunk></document>"), "2 chunks"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_reason(text: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(RigError, match=why):
        read_rigs(put(tmp_path, text))
