"""The table of commands: what every row must keep."""

from dataclasses import fields

import pytest

from annotator.ui.commands.actions import SPECS
from annotator.ui.commands.keymap import COMMANDS, conflicts, standard_keys
from annotator.ui.commands.seeing_specs import TOGGLES
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
    for spec in SPECS:
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
