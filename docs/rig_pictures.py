"""The guide's pictures of rigs: views beside the frame, a drag that they follow, points in space, the dialog and the alarm.

Of a set of `annotator render SET --subjects 3 --expressions random --cameras dome-8 --size 2048 --fixed-rig`; `make_pictures.py`
makes them, given the set as `--rig SET`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from picture_hands import Hands
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from annotator.domain.schemes.scheme_file import load_scheme
from annotator.inference.predictor import Predictor
from annotator.rigs.files.registry import read_rigs
from annotator.rigs.rotations import rotation_of
from annotator.services.models.active_model import ensure_active_model
from annotator.services.models.propose import propose_project
from annotator.services.project.sample_project import sample_frames
from annotator.store.project_store import ProjectStore
from annotator.ui.dialogs.rig.refine_rig import RefineRigDialog
from annotator.ui.dialogs.rig.rigs import RigsDialog
from annotator.window_bench.stalls import run_loop, wait_for

_PATIENCE, _SETTLED = 300.0, 2.0
_FRAME, _MARK, _ALSO_SET = 3, "lips_inner_left", 2
_HELD = QPoint(26, -18)
_BUMPED, _DEGREES = "cam_05", 0.06
_HOLDS = 5
"""The column of the list of rigs that says whether one still holds."""


def rig_project(path: Path, renders: Path) -> None:
    """All frames of a set proposed by the shipped model, and the set's rig."""
    scheme = load_scheme("studio-89")
    with ProjectStore.create(path, scheme, renders) as store:
        store.frames.add(sample_frames(renders))
        store.rigs.add(replace(read_rigs(renders / "rig.json").rigs[0], name="tuesday"))
        entry = ensure_active_model(store)
        assert entry is not None
        propose_project(store, Predictor(entry.folder))


def _bump(path: Path) -> None:
    """The cameras as they were calibrated, one of them turned a little since."""
    with ProjectStore.open(path) as store:
        rig = store.rigs.get("tuesday").rig
        camera = rig.cameras[_BUMPED]
        turn = rotation_of(np.radians([_DEGREES, _DEGREES / 2, 0]))
        turned = replace(camera, camera_from_world=turn @ camera.camera_from_world)
        store.rigs.add(replace(rig, cameras={**rig.cameras, _BUMPED: turned}))


def _open(hands: Hands, bumped: bool = False) -> None:
    """On the first frame, all views told; the proposals are those that the first picture made."""
    assert hands.rig is not None
    proposed = hands.scratch / "proposed.annotator"
    if not proposed.exists():
        rig_project(proposed, hands.rig)
    path = hands.scratch / f"rig-{len(list(hands.scratch.glob('rig-*.annotator')))}.annotator"
    with ProjectStore.open(proposed) as store:
        store.copy_to(path)
    if bumped:
        _bump(path)
    hands.open(path, _FRAME)
    _quiet(hands)


def _quiet(hands: Hands) -> None:
    """Until all views show their own pixels and what the others say."""
    rig, session = hands.window.rig, hands.session
    run_loop(_SETTLED)

    def told() -> bool:
        ids = rig.rigs.frame_ids()
        views = rig.panel.views.values()
        return (
            bool(ids)
            and rig.rigs.outlook is not None
            and not rig.panel.is_behind
            and all(not view.wants_pixels for view in views)
            and all(session.proposals.get(i) is not None for i in ids)
        )

    wait_for(told, _PATIENCE, "the views")
    run_loop(_SETTLED)


def views(hands: Hands) -> None:
    """All views of the moment beside the frame, a landmark selected: rings where the others see it."""
    _open(hands)
    hands.close_up(_MARK, 620)
    hands.select(_MARK)
    _quiet(hands)
    hands.keep("window-rig")


def drag(hands: Hands) -> None:
    """A landmark that is held, after it was set in another view: lines and rings in all views follow."""
    _open(hands)
    hands.close_up(_MARK, 620)
    hands.select(_MARK)
    for _ in range(_ALSO_SET):
        hands.act("next_view")
    _quiet(hands)
    hands.act("accept")
    for _ in range(_ALSO_SET):
        hands.act("previous_view")
    _quiet(hands)
    viewport, start = hands.window.view.viewport(), hands.place(_MARK)
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
    for step in (0.25, 0.5, 0.75, 1.0):
        QTest.mouseMove(viewport, start + _HELD * step)
        run_loop(0.3)
    wait_for(lambda: not hands.window.rig.panel.is_behind, _PATIENCE, "the views")
    hands.keep("window-rig-drag")
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start + _HELD)
    run_loop(_SETTLED)


def space(hands: Hands) -> None:
    """Landmarks and cameras in space, beside the views."""
    _open(hands)
    hands.select(_MARK)
    hands.window.rig.panel.in_space.click()
    _quiet(hands)
    hands.keep("window-rig-space")
    hands.window.rig.panel.in_space.click()


def alarm(hands: Hands) -> None:
    """A camera that was bumped: the bar that says so, the list of rigs, and what a refinement would do."""
    _open(hands, bumped=True)
    bar = hands.window.banners.rigs
    wait_for(lambda: not bar.isHidden(), _PATIENCE, "the alarm")
    _quiet(hands)
    hands.keep("window-rig-alarm")
    _with_dialog(hands, "rigs-dialog", lambda: hands.act("rigs"))
    _with_dialog(hands, "rig-refine", bar.refine.click)


def _with_dialog(hands: Hands, name: str, show: Callable[[], object]) -> None:
    """Keeps a dialog that stops the window, once it has told what it has to."""

    def take() -> None:
        dialog = QApplication.activeModalWidget()
        assert dialog is not None
        if isinstance(dialog, RefineRigDialog):
            dialog.start.click()
            wait_for(lambda: not dialog.keep.isHidden(), _PATIENCE, "the refinement")
        elif isinstance(dialog, RigsDialog):
            wait_for(
                lambda: bool(dialog.table.topLevelItem(0).text(_HOLDS).count("off")), _PATIENCE, "the check"
            )
        hands.keep(name, dialog)
        dialog.close()

    QTimer.singleShot(1500, take)
    show()


RIGS: dict[str, Callable[[Hands], None]] = {
    "rig": views, "rig-drag": drag, "rig-space": space, "rig-alarm": alarm,
}  # fmt: skip
