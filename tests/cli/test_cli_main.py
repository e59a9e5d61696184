"""The command line as a whole: help that teaches, errors in one line, exit codes."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from annotator.cli.main import command_names
from annotator.domain.errors import ProjectError

Runner = Callable[..., Any]


@pytest.mark.parametrize("command", sorted(command_names()))
def test_every_command_teaches_by_examples(annotator: Runner, command: str) -> None:
    run = annotator(command, "--help")
    assert run.code == 0
    assert "Examples" in run.out
    assert f"annotator {command}" in run.out


def test_help_lists_all_commands_and_exit_codes(annotator: Runner) -> None:
    run = annotator("--help")
    assert run.code == 0
    for command in command_names():
        assert f" {command} " in run.out
    assert "130 cancelled" in run.out


def test_version(annotator: Runner) -> None:
    run = annotator("--version")
    assert run.code == 0
    assert run.out.startswith("annotator ")


@pytest.mark.parametrize(
    "line", [["nonsense"], ["status"], ["status", "--no-such-option"], ["propose", "x.annotator"]]
)
def test_wrong_usage_is_code_2(annotator: Runner, line: list[str]) -> None:
    run = annotator(*line)
    assert run.code == 2
    assert run.out == ""


def test_a_mistyped_command_gets_a_suggestion(annotator: Runner) -> None:
    assert "import" in annotator("imprt").err


def test_an_error_is_one_line_without_a_traceback(annotator: Runner, tmp_path: Path) -> None:
    run = annotator("status", tmp_path / "none.annotator")
    assert run.code == 1
    assert run.err.startswith("error: ")
    assert len(run.err.splitlines()) == 1


@pytest.mark.parametrize("at", [0, 2])
def test_debug_shows_the_traceback_wherever_it_stands(annotator: Runner, tmp_path: Path, at: int) -> None:
    line: list[object] = ["status", tmp_path / "none.annotator"]
    line.insert(at, "--debug")
    run = annotator(*line)
    assert run.code == 1
    assert "Traceback" in run.err
    assert ProjectError.__name__ in run.err


def test_a_second_ctrl_c_is_code_130(annotator: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(deep: bool) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("annotator.services.doctor.diagnose", interrupted)
    assert annotator("doctor").code == 130


def test_the_module_runs_and_help_loads_nothing_heavy() -> None:
    program = (
        "import sys; sys.argv = ['annotator', '--help']\n"
        "from annotator.__main__ import main\n"
        "code = main()\n"
        "heavy = {'torch', 'PySide6', 'cv2', 'sqlalchemy', 'moderngl', 'numpy'} & set(sys.modules)\n"
        "print('HEAVY', sorted(heavy), 'CODE', code)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "HEAVY [] CODE 0"


@pytest.mark.parametrize(("own", "used"), [(None, "2000"), ("7", "7")])
def test_waiting_threads_share_the_processors_before_torch_is_there(own: str | None, used: str) -> None:
    name = "GOMP_SPINCOUNT"
    program = (
        "import os, sys; sys.argv = ['annotator', '--version']\n"
        "from annotator.__main__ import main\n"
        "main()\n"
        f"print(os.environ['{name}'], 'torch' in sys.modules)"
    )
    environment = {key: value for key, value in os.environ.items() if key != name}
    environment |= {name: own} if own else {}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment, timeout=60
    )
    assert done.stdout.splitlines()[-1] == f"{used} False"


def test_main_py_is_the_same_command() -> None:
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "COLUMNS": "120"}
    command = [sys.executable, str(root / "main.py"), "models", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)
    assert done.returncode == 0
    assert isinstance(json.loads(done.stdout), list)
