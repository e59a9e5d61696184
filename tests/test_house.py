"""The house keeps its own rules: layers, style, types, and nothing that belongs to one machine."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TEXT = {".py", ".toml", ".md", ".txt", ".json", ".cfg", ".yml", ".sh", ".html", ".svg"}


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("command", [("ruff", "check", "."), ("ruff", "format", "--check", ".")])
def test_style(command: tuple[str, ...]) -> None:
    done = run(*command)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_types() -> None:
    done = run("mypy")
    assert done.returncode == 0, done.stdout + done.stderr


def test_layers() -> None:
    script = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_names_a_machine() -> None:
    path = re.compile(r"(?<![\w.<>~:/\-])/(?:work|root|home|farm)/\w")
    odd = [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for file in tracked()
        if file.suffix in TEXT
        for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if path.search(line)
    ]
    assert not odd, "\n".join(odd)


def test_python_files_stay_short() -> None:
    long = {
        str(file.relative_to(ROOT)): lines
        for file in tracked()
        if file.suffix == ".py" and (lines := len(file.read_text().splitlines())) > 320
    }
    assert not long


def test_init_files_hold_a_docstring_only() -> None:
    for file in (ROOT / "annotator").rglob("__init__.py"):
        assert re.fullmatch(r'""".*?"""\n', file.read_text(), re.DOTALL), file


def test_shipped_weights_are_safetensors_of_modest_size() -> None:
    for folder in (p for p in (ROOT / "models").iterdir() if p.is_dir()):
        assert (folder / "model.toml").is_file(), folder
        assert (folder / "weights.safetensors").stat().st_size <= 16 * 2**20, folder
