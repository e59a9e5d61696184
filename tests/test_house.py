"""The house keeps the rules that ruff, mypy and import-linter do not know, and nothing belongs to one machine."""

import re
import subprocess
import tomllib
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
        if file.parent != ROOT / "annotator":  # that one is what scripts import
            assert re.fullmatch(r'""".*?"""\n', file.read_text(), re.DOTALL), file


def test_a_wheel_is_told_to_carry_what_an_installed_annotator_reads() -> None:
    built = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert built["force-include"] == {name: f"annotator/_shipped/{name}" for name in ("resources", "models")}
    read = re.compile(r"asset\(f?\"(\w+)")
    for file in (ROOT / "annotator").rglob("*.py"):
        assert set(read.findall(file.read_text())) <= {"resources", "models"}, file


def test_shipped_weights_are_safetensors_of_modest_size() -> None:
    for folder in (p for p in (ROOT / "models").iterdir() if p.is_dir()):
        assert (folder / "model.toml").is_file(), folder
        assert (folder / "weights.safetensors").stat().st_size <= 16 * 2**20, folder


def test_every_file_is_written_by_the_one_writer() -> None:
    """`files.py` gives what is staged these names; a write to any other path would be half made where a kill ends it."""
    writes = re.compile(
        r"\.write_(?:text|bytes)\(|savez\w*\(|imwrite\(|save_file\(|\.open\(\s*\"[wx][bt+]*\"|copyfile\(|\.replace\(\w*path\)"
    )
    staged = re.compile(
        r"stag(?:ing|ed)|temporary|\bfile\b|\b(?:about|data|channel)\.|\(folder / (?:name|MANIFEST)\)"
    )
    free = {"files.py", "research/bench/window.py", "window_bench/run.py", "studio/draw/image_files.py"}
    odd = [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()}"
        for file in (ROOT / "annotator").rglob("*.py")
        if file.relative_to(ROOT / "annotator").as_posix() not in free
        and not {"kills", "mutations"} & set(file.parts)
        and file.stem != "kills"
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if writes.search(line) and not staged.search(line)
    ]
    assert not odd, "\n".join(odd)
