"""Every command of the window as one table, in menu order: menus, palette, lists of keys and conflict checks come from it."""

from __future__ import annotations

from annotator.ui.commands.command import Command
from annotator.ui.commands.rows.display_commands import DISPLAY
from annotator.ui.commands.rows.edit_commands import EDIT
from annotator.ui.commands.rows.file_commands import FILE
from annotator.ui.commands.rows.frame_commands import FRAME
from annotator.ui.commands.rows.help_commands import HELP
from annotator.ui.commands.rows.landmark_commands import LANDMARK
from annotator.ui.commands.rows.model_commands import MODEL
from annotator.ui.commands.rows.note_commands import NOTES
from annotator.ui.commands.rows.panel_commands import PANELS
from annotator.ui.commands.rows.people_commands import PEOPLE
from annotator.ui.commands.rows.rig_commands import SEE, TAKE, VIEWS
from annotator.ui.commands.rows.time_commands import SEE_TIME, TIME
from annotator.ui.commands.rows.view_commands import VIEW

COMMANDS: tuple[Command, ...] = (
    *FILE,
    *EDIT,
    *LANDMARK,
    *TAKE,
    *FRAME,
    *NOTES,
    *PEOPLE,
    *VIEWS,
    *TIME,
    *VIEW,
    *DISPLAY,
    *SEE,
    *SEE_TIME,
    *PANELS,
    *MODEL,
    *HELP,
)
TOGGLES: tuple[str, ...] = tuple(command.option for command in COMMANDS if command.option)
"""The switches among the view options that a command flips."""
