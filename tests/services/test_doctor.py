"""The doctor's checks on values that are given to them, and one run on this machine."""

import hashlib
from pathlib import Path

import pytest

from annotator.domain.model_card import ModelCard
from annotator.services.doctor import diagnose as diagnosis
from annotator.services.doctor.deep import trial
from annotator.services.doctor.diagnose import diagnose, healthy
from annotator.services.doctor.finding import Finding, Status
from annotator.services.doctor.graphics import display_finding, gpu_findings, library_findings
from annotator.services.doctor.packages import (
    Requirement,
    clash_findings,
    extra_finding,
    parse_requirement,
    required_finding,
)
from annotator.services.doctor.shipped import model_finding, samples_finding
from annotator.services.doctor.system import disk_finding, memory_finding, python_finding


def test_a_problem_must_come_with_advice() -> None:
    with pytest.raises(ValueError, match="advice"):
        Finding("gpu", "torch", Status.PROBLEM, "missing")


@pytest.mark.parametrize(
    ("version", "status"),
    [
        ((3, 10, 9), Status.PROBLEM),
        ((3, 11, 0), Status.OK),
        ((3, 13, 2), Status.OK),
        ((3, 14, 0), Status.NOTE),
    ],
)
def test_python(version: tuple[int, int, int], status: Status) -> None:
    assert python_finding(version).status is status


def test_memory() -> None:
    assert memory_finding(16 * 2**30).status is Status.OK
    assert memory_finding(2 * 2**30).status is Status.NOTE
    assert memory_finding(0).value == "unknown"


def test_disk_of_a_folder_that_does_not_exist_yet(tmp_path: Path) -> None:
    finding = disk_finding("user data", tmp_path / "a" / "b")
    assert "free" in finding.value
    assert not (tmp_path / "a").exists()


def test_disk_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("annotator.services.doctor.system.tempfile.TemporaryFile", refuse)
    finding = disk_finding("user data", tmp_path)
    assert finding.status is Status.PROBLEM
    assert "chmod" in finding.advice


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("numpy>=1.26,<3", Requirement("numpy", None)),
        ("foo[bar]>=1; extra == 'studio'", Requirement("foo", "studio")),
        ("PySide6-Essentials<6.12 ; python_version < '3.12'", Requirement("PySide6-Essentials", None)),
        ("PySide6-Essentials>=6.12; python_version >= '3.12'", None),
        ('x>=1; python_version < "3.12" and extra == "gpu"', Requirement("x", "gpu")),
        ("y; sys_platform == 'no-such-system'", None),
    ],
)
def test_requirements_are_read_with_their_markers(line: str, expected: Requirement | None) -> None:
    assert parse_requirement(line, (3, 11)) == expected


def test_packages_and_extras() -> None:
    installed = {"sqlalchemy": "2.0", "embreex": "4.4"}
    assert required_finding("SQLAlchemy", installed).status is Status.OK
    assert required_finding("torch", installed).status is Status.PROBLEM
    assert extra_finding("studio", ["embreex"], installed).value == "embreex 4.4"
    lacking = extra_finding("studio", ["embreex", "anny"], installed)
    assert (lacking.status, lacking.advice) == (Status.NOTE, "pip install 'annotator[studio]'")
    assert "anny" in lacking.value


def test_combinations_known_to_fail() -> None:
    broken = {"pyside6-essentials": "6.12.0", "opencv-python": "5.0", "opencv-python-headless": "5.0"}
    names = [finding.name for finding in clash_findings(broken, (3, 11))]
    assert names == ["PySide6 6.12.0 on Python 3.11", "several OpenCV wheels"]
    assert [finding.name for finding in clash_findings(broken, (3, 12))] == ["several OpenCV wheels"]
    assert not list(clash_findings({"pyside6-essentials": "6.11.3", "opencv-python": "5.0"}, (3, 11)))


def test_gpu() -> None:
    assert [f.status for f in gpu_findings(["H200"], "2.8.0+cu128")] == [Status.OK]
    (unused,) = gpu_findings(["H200"], "2.8.0+cpu")
    assert unused.status is Status.PROBLEM
    (missing,) = gpu_findings([], None)
    assert missing.status is Status.PROBLEM


def test_libraries() -> None:
    found = dict.fromkeys(("GL", "EGL", "xkbcommon", "fontconfig", "xcb-cursor"), "there.so")
    assert all(f.status is Status.OK for f in library_findings(found))
    lacking = list(library_findings(found | {"EGL": None, "xcb-cursor": None}))
    assert [f.name for f in lacking if f.status is Status.PROBLEM] == ["libEGL"]
    assert "libegl1" in next(f.advice for f in lacking if f.name == "libEGL")
    assert [f.name for f in lacking if f.status is Status.NOTE] == ["libxcb-cursor"]


def test_display() -> None:
    assert display_finding({"QT_QPA_PLATFORM": "offscreen"}, "linux").value == "QT_QPA_PLATFORM=offscreen"
    assert display_finding({"DISPLAY": ":1"}, "linux").status is Status.OK
    assert display_finding({}, "linux").status is Status.NOTE
    assert display_finding({}, "win32").status is Status.OK


def test_a_model_whose_weights_were_changed_is_found(tmp_path: Path) -> None:
    weights = tmp_path / "weights.safetensors"
    weights.write_bytes(b"weights")
    digest = hashlib.sha256(b"weights").hexdigest()
    card = ModelCard("m", "studio-89@1", {"kind": "adc"}, sha256=digest)
    (tmp_path / "model.toml").write_text(card.to_toml())
    assert model_finding(tmp_path).status is Status.OK
    weights.write_bytes(b"weighty")
    assert model_finding(tmp_path).status is Status.PROBLEM
    weights.unlink()
    assert model_finding(tmp_path).status is Status.PROBLEM


def test_samples(tmp_path: Path) -> None:
    assert samples_finding(tmp_path).status is Status.PROBLEM
    (tmp_path / "anna").mkdir()
    (tmp_path / "anna" / "c1.jpg").touch()
    assert samples_finding(tmp_path).value.startswith("1 frames")


def test_trials_report_the_last_line() -> None:
    assert trial("t", "print('a'); print('b')", "do").value == "b"
    failed = trial("t", "raise RuntimeError('no driver')", "do")
    assert (failed.status, failed.value, failed.advice) == (Status.PROBLEM, "RuntimeError: no driver", "do")
    killed = trial("t", "import os; os.kill(os.getpid(), 9)", "do")
    assert killed.status is Status.PROBLEM


def test_a_trial_that_hangs_is_ended() -> None:
    assert (
        trial("t", "import threading; threading.Event().wait()", "do", seconds=0.5).value
        == "no answer in 0.5 s"
    )


def test_this_machine_has_what_the_tests_need() -> None:
    findings = diagnose()
    assert {f.area for f in findings} >= {"system", "packages", "extras", "gpu", "shipped files"}
    assert not [f for f in findings if f.area == "packages" and f.status is Status.PROBLEM]


def test_one_problem_is_not_healthy(monkeypatch: pytest.MonkeyPatch) -> None:
    good = Finding("a", "b", Status.NOTE, "c", "d")
    bad = Finding("a", "b", Status.PROBLEM, "c", "d")
    monkeypatch.setattr(diagnosis, "QUICK", (lambda: iter([good]),))
    assert healthy(diagnose())
    monkeypatch.setattr(diagnosis, "QUICK", (lambda: iter([good, bad]),))
    assert not healthy(diagnose())
