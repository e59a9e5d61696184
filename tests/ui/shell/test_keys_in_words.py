"""Keys that the window names are those in use, also under another keymap."""

import ast
import re
from pathlib import Path

import pytest

import annotator.ui
from annotator.ui.shell.main_window import MainWindow

_KEY = re.compile(r"\((?:F\d+|[A-Z]|(?:Ctrl|Shift|Alt)\+[\w+]+)\)|\bpress (?:[A-Z]|Tab|Return|Enter)\b")
_UI = Path(annotator.ui.__file__).parent


def test_no_text_of_the_window_has_a_key_of_its_own() -> None:
    found = []
    for file in _UI.rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        docs = {
            ast.get_docstring(node, clean=False)
            for node in ast.walk(tree)
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
        }
        found += [
            f"{file.name}: {node.value}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node.value not in docs
            and _KEY.search(node.value)
        ]
    assert found == []


@pytest.mark.parametrize(("key", "shown"), [("F9", " (F9)"), ("", "")])
def test_tips_follow_the_keys_in_use(window: MainWindow, key: str, shown: str) -> None:
    actions = window.actions_by_id
    before = {
        name: actions[name].shortcuts() for name in ("queue_next", "queue_dismiss", "page_frame", "place")
    }
    try:
        for name in before:
            actions.set_keys(name, [key] if key else [])
        window.window_commands.keymap.changed.emit()
        assert window.queues.next.toolTip() == f"Open the next frame of the queue{shown}"
        assert window.queues.right.toolTip().endswith(f"gets worse{shown}")
    finally:
        for name, keys in before.items():
            actions.set_keys(name, [each.toString() for each in keys])
        window.window_commands.keymap.changed.emit()
