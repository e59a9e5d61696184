"""The house keeps the rules that ruff, mypy and import-linter do not know, and nothing belongs to one machine."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEXT = {".py", ".toml", ".md", ".txt", ".json", ".cfg", ".yml", ".sh", ".html", ".svg"}


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


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
