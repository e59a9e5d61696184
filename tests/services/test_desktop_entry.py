"""The desktop's entry: written whole, found by the desktop's own rules, and taken away without a trace."""

import configparser
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from annotator.domain.errors import AnnotatorError
from annotator.services.desktop_entry import data_folder, install_entry, launch_command, quoted, remove_entry
from annotator.store.file.migrations import APPLICATION_ID


def files_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def entry_of(folder: Path) -> configparser.SectionProxy:
    read = configparser.ConfigParser(interpolation=None)
    read.optionxform = str  # type: ignore[assignment, method-assign]
    read.read(folder / "applications" / "annotator.desktop", encoding="utf-8")
    return read["Desktop Entry"]


def test_an_entry_is_written_twice_alike_and_removed_without_a_trace(tmp_path: Path) -> None:
    other = tmp_path / "applications" / "other.desktop"
    other.parent.mkdir()
    other.write_text("[Desktop Entry]\n")
    written = install_entry(tmp_path, ["/opt/a b/annotator"])
    assert all(path.is_file() for path in written)
    before = entry_of(tmp_path)["Exec"]
    assert before == '"/opt/a b/annotator" %f'
    install_entry(tmp_path, ["/elsewhere/annotator"])
    assert entry_of(tmp_path)["Exec"] == '"/elsewhere/annotator" %f'
    assert entry_of(tmp_path)["Icon"] == entry_of(tmp_path)["StartupWMClass"] == "annotator"
    assert (tmp_path / "icons/hicolor/256x256/apps/annotator.png").read_bytes()[16:24] == b"\0\0\1\0\0\0\1\0"
    assert set(remove_entry(tmp_path)) == set(written)
    assert "applications/other.desktop" in files_in(tmp_path)
    assert not any("annotator" in name for name in files_in(tmp_path))
    assert remove_entry(tmp_path) == []


def test_the_type_of_a_project_is_told_by_its_ending_and_its_content(tmp_path: Path) -> None:
    install_entry(tmp_path, launch_command())
    spec = "{http://www.freedesktop.org/standards/shared-mime-info}"
    told = ET.parse(tmp_path / "mime" / "packages" / "annotator.xml").getroot()
    match = told.find(f".//{spec}match")
    assert match is not None
    assert match.attrib["value"].encode() == APPLICATION_ID.to_bytes(4, "big")
    named = [each.attrib["type"] for each in told.iter(f"{spec}mime-type")]
    assert entry_of(tmp_path)["MimeType"] == f"{named[0]};"


@pytest.mark.skipif(shutil.which("desktop-file-validate") is None, reason="needs desktop-file-utils")
def test_the_desktops_own_program_finds_no_fault(tmp_path: Path) -> None:
    install_entry(tmp_path, ["/opt/50% off/a $b/annotator"])
    checked = subprocess.run(
        ["desktop-file-validate", str(tmp_path / "applications" / "annotator.desktop")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stdout) == (0, "")


@pytest.mark.parametrize("argument", ["/a b", '/say "x"', "/cost $5", "/back\\slash", "/tick`", "/50%"])
def test_arguments_come_back_by_the_rules_of_exec(argument: str) -> None:
    value = quoted(argument).replace("\\\\", "\\")  # what the value's string says
    shell = ["sh", "-c", f"printf %s {value.replace('%%', '%')}"]  # whose quotes the rules are
    assert subprocess.run(shell, capture_output=True, text=True, check=True).stdout == argument


def test_where_the_users_data_lies() -> None:
    assert data_folder({"XDG_DATA_HOME": "/data"}) == Path("/data")
    assert data_folder({}) == data_folder({"XDG_DATA_HOME": "relative"}) == Path.home() / ".local" / "share"


def test_other_systems_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.platform", "win32")
    with pytest.raises(AnnotatorError, match="Linux"):
        install_entry(tmp_path, ["annotator"])
    assert not files_in(tmp_path)
