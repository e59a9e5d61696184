"""The doctor's checks on values that are given to them, and one run on this machine."""

import hashlib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from annotator.domain.model_card import ModelCard
from annotator.services import doctor
from annotator.services.doctor import (
    Check,
    Status,
    applicable,
    diagnose,
    disk_check,
    display_check,
    extra_check,
    gpu_check,
    healthy,
    model_check,
    package_checks,
    required_check,
    shipped_checks,
    system_checks,
    trial,
)


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
    python = next(check for check in system_checks(version, 16 * 2**30) if check.name == "python")
    assert python.status is status


@pytest.mark.parametrize(("gibibytes", "status"), [(16, Status.OK), (2, Status.NOTE)])
def test_memory(gibibytes: int, status: Status) -> None:
    memory = next(check for check in system_checks((3, 11, 0), gibibytes * 2**30) if check.name == "memory")
    assert memory.status is status


def test_disk_of_a_folder_that_does_not_exist_yet(tmp_path: Path) -> None:
    check = disk_check("user data", tmp_path / "a" / "b")
    assert "free" in check.value
    assert not (tmp_path / "a").exists()


def test_disk_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("annotator.services.doctor.tempfile.TemporaryFile", refuse)
    check = disk_check("user data", tmp_path)
    assert check.status is Status.PROBLEM
    assert "chmod" in check.advice


def test_requirements_are_those_of_this_python_system_and_extra() -> None:
    lines = [
        "numpy>=1.26,<3",
        "foo[bar]>=1; extra == 'studio'",
        "old<6.12 ; python_version < '3.0'",
        "new>=6.12; python_version >= '3.0'",
        'x>=1; python_version > "3.0" and extra == "studio"',
        "y; sys_platform == 'no-such-system'",
    ]
    assert [own.name for own in applicable(lines)] == ["numpy", "new"]
    assert [own.name for own in applicable(lines, "studio")] == ["numpy", "foo", "new", "x"]


def test_required_packages() -> None:
    installed = {"sqlalchemy": "2.0.30", "numpy": "1.20"}
    assert required_check(Requirement("SQLAlchemy>=2"), installed).status is Status.OK
    assert required_check(Requirement("torch"), installed).status is Status.PROBLEM
    old = required_check(Requirement("numpy>=1.26,<3"), installed)
    assert old.status is Status.NOTE
    assert "1.20" in old.value
    assert "numpy" in old.advice


def test_extras() -> None:
    anny, embreex = Requirement("anny"), Requirement("Embreex>=4")
    assert extra_check("studio", [embreex], {"embreex": "4.4"}).value == "Embreex 4.4"
    lacking = extra_check("studio", [embreex, anny], {"embreex": "4.4"})
    assert (lacking.status, lacking.advice) == (Status.NOTE, "pip install 'annotator-landmarks[studio]'")
    assert "anny" in lacking.value


def test_combinations_known_to_fail() -> None:
    def names(installed: dict[str, str], python: tuple[int, int, int]) -> list[str]:
        checks = package_checks({}, installed, python)
        return [check.name for check in checks if check.status is Status.PROBLEM]

    broken = {"pyside6-essentials": "6.12.0", "opencv-python": "5.0", "opencv-python-headless": "5.0"}
    assert names(broken, (3, 11, 7)) == ["PySide6 6.12.0 on Python 3.11", "several OpenCV wheels"]
    assert names(broken, (3, 12, 0)) == ["several OpenCV wheels"]
    assert not names({"pyside6-essentials": "6.11.3", "opencv-python": "5.0"}, (3, 11, 7))


def test_gpu() -> None:
    assert gpu_check(["H200"], "2.8.0+cu128").status is Status.OK
    unused = gpu_check(["H200"], "2.8.0+cpu")
    assert unused.status is Status.PROBLEM
    assert "CUDA build" in unused.advice


def test_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.sys, "platform", "linux")
    monkeypatch.setattr(doctor.ctypes.util, "find_library", lambda name: name)
    assert all(check.status is Status.OK for check in doctor.graphics_checks() if check.area == "window")
    monkeypatch.setattr(doctor.ctypes.util, "find_library", {"GL": "g", "fontconfig": "f"}.get)
    lacking = {check.name: check for check in doctor.graphics_checks() if check.area == "window"}
    assert lacking["libGL"].status is Status.OK
    assert lacking["libEGL"].status is Status.PROBLEM
    assert "libegl1" in lacking["libEGL"].advice
    assert lacking["libxcb-cursor"].status is Status.NOTE


def test_display() -> None:
    assert display_check({"QT_QPA_PLATFORM": "offscreen"}, "linux").value == "QT_QPA_PLATFORM=offscreen"
    assert display_check({"DISPLAY": ":1"}, "linux").status is Status.OK
    assert display_check({}, "linux").status is Status.NOTE
    assert display_check({}, "win32").status is Status.OK


def test_a_model_whose_weights_were_changed_is_found(tmp_path: Path) -> None:
    weights = tmp_path / "weights.safetensors"
    weights.write_bytes(b"weights")
    digest = hashlib.sha256(b"weights").hexdigest()
    card = ModelCard("m", "studio-89@1", {"kind": "adc"}, sha256=digest)
    (tmp_path / "model.toml").write_text(card.to_toml())
    assert model_check(tmp_path).status is Status.OK
    weights.write_bytes(b"weighty")
    assert model_check(tmp_path).status is Status.PROBLEM
    weights.unlink()
    assert model_check(tmp_path).status is Status.PROBLEM


def test_missing_files_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "asset", lambda name: tmp_path / name)
    wrong = [check.name for check in shipped_checks() if check.status is Status.PROBLEM]
    assert wrong == ["samples", "models"]
    (tmp_path / "resources" / "samples").mkdir(parents=True)
    (tmp_path / "resources" / "samples" / "c1.jpg").touch()
    samples = next(check for check in shipped_checks() if check.name == "samples")
    assert samples.value.startswith("1 frames")


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
    checks = diagnose()
    assert {check.area for check in checks} >= {"system", "packages", "extras", "gpu", "shipped files"}
    assert not [check for check in checks if check.area == "packages" and check.status is Status.PROBLEM]
    assert all(check.advice for check in checks if check.status is not Status.OK)


def test_one_problem_is_not_healthy() -> None:
    note = Check("a", "b", Status.NOTE, "c", "d")
    assert healthy([note])
    assert not healthy([note, Check("a", "b", Status.PROBLEM, "c", "d")])
