"""The formats that Annotator reads and writes, those of takes that it only writes, and which one a file is of."""

from pathlib import Path
from typing import Final

from annotator.domain.errors import FormatError
from annotator.domain.extensions import extension_objects
from annotator.formats.base import Format
from annotator.formats.coco import Coco
from annotator.formats.csv import Csv
from annotator.formats.look import Look
from annotator.formats.pts import Pts
from annotator.formats.takes.after_effects import AfterEffects
from annotator.formats.takes.csv_frames import CsvFrames
from annotator.formats.takes.maya import Maya
from annotator.formats.takes.nuke import Nuke
from annotator.formats.tools.coco_dataset import CocoDataset
from annotator.formats.tools.cvat import Cvat
from annotator.formats.tools.deeplabcut import DeepLabCut
from annotator.formats.tools.deeplabcut_h5 import DeepLabCutH5
from annotator.formats.tools.imglab import Imglab
from annotator.formats.tools.label_studio import LabelStudio
from annotator.formats.tools.labelme import Labelme
from annotator.formats.tools.mesh import Mesh
from annotator.formats.tools.openpose import OpenPose
from annotator.formats.tools.sleap import Sleap
from annotator.formats.tools.via import Via
from annotator.formats.tools.wflw import Wflw
from annotator.formats.tools.yolo import Yolo

_SHIPPED: Final[tuple[Format, ...]] = (
    *(Coco(), Pts(), Csv(), CocoDataset(), Yolo(), Cvat(), LabelStudio(), Labelme(), Via(), Imglab(), Wflw()),
    *(DeepLabCut(), DeepLabCutH5(), Sleap(), OpenPose(), Mesh()),
)
"""In the order in which they are offered, and asked whether a file is theirs."""

_OF_TAKES: Final[dict[str, Format]] = {
    each.name: each for each in (CsvFrames(), Nuke(), AfterEffects(), Maya())
}

_PARTS: Final = (*Format.__annotations__, "recognises", "read", "write")


def formats() -> dict[str, Format]:
    """Name -> format, in the order to offer them; those of installed packages come last, and replace none of ours."""
    known = {each.name: each for each in _SHIPPED}
    for made in extension_objects("formats", _PARTS).values():
        known.setdefault(made.name.lower(), made)
    return known


def export_formats() -> dict[str, Format]:
    """Name -> format that is written, in the order to offer them; those of takes have landmarks over time and are not read."""
    return {name: each for name, each in formats().items() if each.writes} | _OF_TAKES


def format_named(name: str, to_write: bool = False) -> Format:
    """A format by its name; raises FormatError that lists them. `to_write`: also one that is only written."""
    known = formats() | _OF_TAKES if to_write else formats()
    if name.lower() not in known:
        raise FormatError(f"there is no format {name!r}; choose one of {', '.join(known)}")
    return known[name.lower()]


def format_of(path: Path) -> Format:
    """The format to write a file in, by its extension; a folder is one of .pts files. Of two of one ending the first counts.
    Raises FormatError for any other."""
    known = export_formats().values()
    for each in known:
        if path.suffix.lower() in each.extensions or (each.writes_folder and path.is_dir()):
            return each
    endings = ", ".join(dict.fromkeys(ending for each in known for ending in each.extensions))
    raise FormatError(
        f"{path}: the format cannot be told from its name; use one of {endings}, or name the format"
    )


def format_in(path: Path) -> Format:
    """The format that a file or folder is of, by its content, whatever its name.

    Raises FormatError where there is nothing, or of no format known; it tells what the file looks like.
    """
    if not path.exists():
        raise FormatError(f"{path} does not exist; choose the file to read")
    look = Look(path)
    for each in formats().values():
        if each.recognises(look):
            return each
    raise FormatError(
        f"{path} looks like {look.seems}. It is of none of the formats that are read ({', '.join(formats())}); "
        "name the format if it is one of them"
    )
