"""Every example of every `--help` works: read from the help, run by the command line in a small world that has its files.

What takes minutes (training, rendering, measuring) is run up to the call that would begin it; data, models and options are real.
"""

import json
import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from examples_world import Reached, fill, stop_before_the_long_work

from annotator.cli.main import app, command_names
from annotator.cli.window_request import window_request

ROOT = Path(__file__).parents[2]
CLICK: Any = typer.main.get_command(app)
_COMMENT = re.compile(r"\s+#\s.*")
_COLUMNS = 80
"""Of a terminal as narrow as they come: no example may be broken there, as who copies it would run half of it."""


def examples(help_text: str) -> Iterator[str]:
    """The commands of a help: its lines that begin with `annotator`, continued ones joined."""
    lines = iter(help_text.splitlines())
    for line in lines:
        text = _COMMENT.sub("", line.strip())
        if text != "annotator" and not text.startswith("annotator "):
            continue
        while text.endswith("\\"):
            text = text.rstrip("\\") + next(lines).strip()
        yield text


def written() -> dict[str, list[str]]:
    """The examples of the program (empty name) and of each command, as they are written."""
    commands = {"": CLICK, **CLICK.commands}
    for name, group in CLICK.commands.items():
        commands |= {f"{name} {own}": command for own, command in getattr(group, "commands", {}).items()}
    return {name: list(examples(command.help or "")) for name, command in commands.items()}


def documented() -> Iterator[tuple[str, str]]:
    """(page, command) of the fenced blocks of the documentation."""
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        for block in re.findall(
            r"^```(?:sh|bash|console)?\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S
        ):
            for line in block.replace("\\\n", " ").splitlines():
                text = re.sub(r"\s+#.*", "", line.strip())
                if text.startswith("annotator "):
                    yield page.name, text


WRITTEN = written()
EXAMPLES = list(dict.fromkeys(text for own in WRITTEN.values() for text in own))


@pytest.fixture
def world(tmp_path: Path, small_world: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with what the examples name, as the current one; `/mnt` and `~` lie in it."""
    folder = tmp_path / "world"
    shutil.copytree(small_world, folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(folder / "home"))
    monkeypatch.setenv("XDG_DATA_HOME", str(folder / "home" / "data"))
    stop_before_the_long_work(monkeypatch)
    return folder


@pytest.fixture(scope="module")
def small_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "world"
    fill(folder)
    return folder


def test_every_command_has_examples() -> None:
    assert [name for name, own in WRITTEN.items() if not own] == []


@pytest.mark.parametrize("name", WRITTEN)
def test_a_narrow_terminal_shows_the_examples_whole(
    name: str, annotator: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(_COLUMNS))
    monkeypatch.setattr("typer.rich_utils.MAX_WIDTH", _COLUMNS)
    shown = annotator(*name.split(), "--help")
    assert list(examples(shown.out)) == [*WRITTEN[name]]


@pytest.mark.parametrize("text", EXAMPLES)
def test_an_example_of_the_help_works(text: str, world: Path, annotator: Callable[..., Any]) -> None:
    first, *filters = _piped(text.replace("/mnt/", f"{world}/mnt/").replace("~/", f"{world}/home/"))
    if "$(" in first:
        inner = re.search(r'"?\$\((.*?)\)"?', first)
        assert inner is not None
        run = annotator(*shlex.split(inner[1])[1:])
        assert run.code == 0
        first = first.replace(inner[0], shlex.quote(run.out.strip()))
    arguments = shlex.split(first)[1:]
    if not arguments or arguments[0] not in command_names():
        assert window_request(arguments, command_names()) is not None
        return
    if arguments[0] == "convert":  # what it makes is there for other examples
        Path(arguments[2]).unlink()
    try:
        run = annotator(*arguments)
    except Reached:
        assert not filters
        return
    assert run.code == 0, run.err
    for used in filters:
        assert used[0] == "jq", "no other program is explained"
        assert list(_selected(json.loads(run.out), used[-1])), used[-1]


@pytest.mark.parametrize(("page", "text"), list(documented()))
def test_a_command_of_the_documentation_is_understood(page: str, text: str) -> None:
    """Parsed by the command's own parameters; its files need not be there."""
    arguments = shlex.split(_piped(text)[0])[1:]
    if not arguments or arguments[0] not in command_names():
        assert not arguments or arguments[0].startswith("-") or arguments[0].endswith(".annotator")
        return
    CLICK.commands[arguments[0]].make_context(arguments[0], arguments[1:])


def _piped(text: str) -> list[Any]:
    """The command as text, and the words of what its output is piped into; a file that it goes to is left out."""
    first, *rest = re.split(r"\s\|\s|\s>\s", text)
    return [first, *(shlex.split(part) for part in rest if part.startswith("jq "))]


def _selected(value: Any, path: str) -> Iterator[Any]:
    """What a path of jq such as `.items[].frame.path` selects; raises KeyError where there is no such key."""
    found = [value]
    for step in path.strip(".").split("."):
        found = [one[step.removesuffix("[]")] for one in found]
        if step.endswith("[]"):
            found = [item for one in found for item in one]
    yield from found
