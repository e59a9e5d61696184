"""One window a project, and no lock left behind by a window that was killed, or that nobody can get past."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QSysInfo

from annotator.domain.errors import ProjectError
from annotator.session.project import project_lock
from annotator.session.project.project_lock import ProjectLock, ProjectLockedError
from annotator.session.session import Session

HOLD = (
    "import sys; from pathlib import Path; from annotator.session.project.project_lock import ProjectLock; "
    "lock = ProjectLock(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
)
HERE = QSysInfo.machineHostName()
MONTH = 30 * 24 * 3600.0
posix = pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be changed there")


def lock_of(project: Path) -> Path:
    return project.with_name(f"{project.name}.lock")


def age(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


@pytest.fixture
def window(tmp_path: Path) -> subprocess.Popen[str]:
    """A process of its own that holds the lock of a project."""
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "show.annotator")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    yield child
    child.kill()
    child.communicate()


def test_a_window_that_lives_is_named_and_cannot_be_taken_over(
    tmp_path: Path, window: subprocess.Popen[str]
) -> None:
    project = tmp_path / "show.annotator"
    for take_over in (False, True):
        with pytest.raises(ProjectLockedError) as told:
            ProjectLock(project, take_over)
        assert not told.value.can_take_over
        assert f"process {window.pid} on {HERE}" in str(told.value)
        assert str(lock_of(project)) in str(told.value)


def test_a_killed_window_leaves_no_lock(tmp_path: Path, window: subprocess.Popen[str]) -> None:
    window.kill()
    window.wait()
    ProjectLock(tmp_path / "show.annotator").release()
    assert list(tmp_path.iterdir()) == []


@posix
@pytest.mark.parametrize("content", ["", "nonsense", "\n\n\n", "\0" * 4096, "1\npython3\n"])
def test_a_lock_without_a_word_in_it_shuts_nobody_out(tmp_path: Path, content: str) -> None:
    project = tmp_path / "show.annotator"
    lock_of(project).write_text(content)
    age(lock_of(project), 60)
    ProjectLock(project).release()
    assert list(tmp_path.iterdir()) == []


@posix
def test_a_number_that_another_program_has_by_now_is_no_window(tmp_path: Path) -> None:
    """The machine started anew, and a process of the same name got the number."""
    project = tmp_path / "show.annotator"
    lock_of(project).write_text(f"{os.getpid()}\n{Path(sys.executable).resolve().name}\n{HERE}\n")
    ProjectLock(project).release()


@posix
@pytest.mark.parametrize("silence", [MONTH, 1.0])
def test_a_window_elsewhere_counts_for_as_long_as_it_touches_its_lock(tmp_path: Path, silence: float) -> None:
    project = tmp_path / "show.annotator"
    lock_of(project).write_text("4711\nannotator\nfar-away\n")
    age(lock_of(project), silence)
    if silence < MONTH:
        with pytest.raises(ProjectLockedError, match="annotator, process 4711 on far-away") as told:
            ProjectLock(project)
        assert told.value.can_take_over, "a person may know that it is gone"
    ProjectLock(project, take_over=silence < MONTH).release()
    assert not lock_of(project).exists()


@posix
def test_a_window_touches_its_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project_lock, "_REFRESH_S", 0.0)
    project = tmp_path / "show.annotator"
    lock = ProjectLock(project)
    age(lock_of(project), MONTH)
    lock.refresh()
    assert time.time() - lock_of(project).stat().st_mtime < 3600
    lock.release()


@posix
def test_a_lock_that_was_taken_over_is_left_to_its_new_window(tmp_path: Path) -> None:
    """The machine slept for long, and somebody opened the project elsewhere."""
    project = tmp_path / "show.annotator"
    lock = ProjectLock(project)
    lock_of(project).unlink()
    lock_of(project).write_text("4711\nannotator\nfar-away\n")
    lock.release()
    assert lock_of(project).read_text().startswith("4711")


@posix
@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to("nowhere")])
def test_what_is_no_file_can_be_passed_by_a_person(tmp_path: Path, make: Callable[[Path], None]) -> None:
    project = tmp_path / "show.annotator"
    make(lock_of(project))
    with pytest.raises(ProjectLockedError, match="is no file") as told:
        ProjectLock(project)
    assert told.value.can_take_over
    ProjectLock(project, take_over=True).release()


@posix
def test_a_link_is_no_second_way_in(tmp_path: Path, project: Path, opened: Session) -> None:
    link = tmp_path / "elsewhere" / "link.annotator"
    link.parent.mkdir()
    link.symlink_to(project)
    with pytest.raises(ProjectLockedError):
        ProjectLock(link)
    opened.open_project(link)
    assert opened.path == project, "it is open already"


@posix
def test_a_hard_link_is_no_second_way_in(tmp_path: Path, project: Path, session: Session) -> None:
    os.link(project, tmp_path / "second.annotator")
    told: list[str] = []
    session.message.connect(lambda _level, text: told.append(text))
    session.open_project(tmp_path / "second.annotator")
    assert session.store.read_only
    assert any("second name" in text for text in told)


def test_the_lock_is_free_again_when_the_project_cannot_be_opened(tmp_path: Path, session: Session) -> None:
    path = tmp_path / "foreign.annotator"
    path.write_text("nothing that we know")
    with pytest.raises(ProjectError, match="not an Annotator project"):
        session.open_project(path)
    assert not lock_of(path).exists()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a folder that does not exist")
def test_where_no_lock_can_be_made_the_project_opens_all_the_same(tmp_path: Path) -> None:
    lock = ProjectLock(tmp_path / "nowhere" / "show.annotator")
    lock.release()
