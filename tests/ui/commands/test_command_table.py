"""The table of commands: what every row must keep."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from annotator.ui.commands.keys.keymap import conflicts, normal, standard_keys
from annotator.ui.commands.table import COMMANDS, TOGGLES
from annotator.ui.common.view_options import Options
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui


def test_every_name_stands_once_and_no_two_rows_share_a_key() -> None:
    names = [command.id for command in COMMANDS]
    assert len(names) == len(set(names))
    assert conflicts(standard_keys()) == {}


def test_every_switch_is_a_boolean_option_that_one_row_flips() -> None:
    booleans = {field.name for field in fields(Options) if isinstance(getattr(Options(), field.name), bool)}
    assert set(TOGGLES) == booleans
    assert len(TOGGLES) == len(booleans)


def test_a_switch_and_its_option_follow_each_other(window: MainWindow) -> None:
    for spec in COMMANDS:
        if not spec.option:
            continue
        action, before = window.actions_by_id[spec.id], getattr(window.options.value, spec.option)
        assert action.isChecked() == before, spec.id
        action.trigger()
        assert getattr(window.options.value, spec.option) is not before, spec.id
        window.options.toggle(spec.option)
        assert action.isChecked() == before, spec.id


def test_the_settings_keep_every_switch(window: MainWindow) -> None:
    before = window.options.value
    for name in TOGGLES:
        window.options.toggle(name)
    window.layout_kept.save()
    turned = window.options.value
    window.layout_kept.reset()
    window.restore_layout()
    for name in TOGGLES:
        assert getattr(window.options.value, name) is getattr(turned, name) is not getattr(before, name), name


_GUIDE = Path(__file__).parents[3] / "docs/artists.md"
_READ_KEY = {"Page Down": "PgDown", "Page Up": "PgUp", "Esc": "Escape"}
_SAID = {  # what the artists' guide says of a key: the command that has it
    "fit, 100 %, selection": ("fit", "zoom_full", "zoom_selection"),
    "next, previous frame": ("next_frame", "previous_frame"),
    "accept landmark, region, frame": ("accept", "accept_region", "accept_frame"),
    "accept the frame and go on, reject it and go on": ("accept_frame_next", "reject_frame_next"),
    "walk through landmarks": ("next_landmark", "previous_landmark"),
    "hidden by something, outside the frame": ("occluded", "out_of_frame"),
    "back to the proposal": ("clear",),
    "place missing landmarks by click": ("place",),
    "warning signs on and off": ("warnings",),
    "heat on the frame, region boxes, curves, points": ("frame_heat", "rois", "curves", "points"),
    "snap to the heatmap's nearest mode, again for the next one": ("snap",),
    "select the mirrored landmarks; copy the selected to the other side": ("select_mirror", "mirror"),
    "take the suggestions, only those of the selected, ignore them": (
        "accept_suggestions",
        "accept_selected_suggestions",
        "select_none",
    ),
    "a box round the selected landmarks that moves, turns and scales them": ("transform",),
    "soft selection: neighbours come along, the less the farther": ("soft",),
    "even out the points of the selected curve": ("even_out",),
    "show the same region at the same size on the next frames": ("lock_view",),
    "loupe with the stored values (hold, or tap to keep); pixels as squares": ("loupe", "nearest"),
    "every command": ("palette", "shortcuts"),
    "undo, redo": ("undo", "redo"),
    "approve, needs work, reject": ("review_approved", "review_needs_work", "review_rejected"),
}


@pytest.mark.parametrize("said", _SAID)
def test_the_guide_shows_the_keys_that_the_commands_have(said: str) -> None:
    lines = _GUIDE.read_text("utf-8").splitlines()
    line = next(line for line in lines if line.startswith(f"| {said} |"))
    shown = [normal(_READ_KEY.get(key, key)) for key in re.findall(r"`([^`]+)`", line)]
    keys = standard_keys()
    assert len(shown) == len(_SAID[said])
    for key, name in zip(shown, _SAID[said], strict=True):
        assert key in keys[name], (key, name)
