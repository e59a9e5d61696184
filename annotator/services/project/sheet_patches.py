"""Where the contact sheet's patches lie that are cut ahead (`services.models.farm.preview_shard`)."""

from collections.abc import Sequence
from typing import Final

from annotator.domain.coords import Affine
from annotator.domain.faces.face_frame import frame_from_patch
from annotator.services.models.farm.patch_file import SIDE
from annotator.services.models.farm.preview_shard import WantedPatches
from annotator.services.project.contact_sheet import SheetOrder, read_sheet
from annotator.store.project_store import ProjectStore

_SHARE: Final = 0.2  # of the face's size, along a patch's side; the sheet begins with 0.12
_LEAST: Final = 32.0  # frame pixels


def sheet_patches(store: ProjectStore, landmarks: Sequence[int]) -> WantedPatches:
    """Of frames (ids) the patches of some landmarks, where they are shown now; more of the face than the sheet shows at first."""

    def wanted(frame_ids: Sequence[int]) -> dict[int, dict[str, Affine]]:
        found: dict[int, dict[str, Affine]] = {}
        for cell in read_sheet(store, landmarks, SheetOrder.CAPTURE, frame_ids).cells:
            affine = frame_from_patch(cell.xy, cell.turn, max(_SHARE * cell.size, _LEAST), SIDE)
            found.setdefault(cell.frame.id, {})[store.scheme.names[cell.landmark]] = affine
        return found

    return wanted
