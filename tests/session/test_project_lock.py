"""One window a project, and no lock left behind by a window that was killed."""

import subprocess
import sys
from pathlib import Path

import pytest

from annotator.domain.errors import ProjectError
from annotator.session.project_lock import ProjectLock

HOLD = (
    "import sys; from pathlib import Path; from annotator.session.project_lock import ProjectLock; "
    "lock = ProjectLock(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
)


def test_a_killed_window_leaves_no_lock(tmp_path: Path) -> None:
    project = tmp_path / "show.annotator"
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(project)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        with pytest.raises(ProjectError, match=f"another window .process {child.pid} on"):
            ProjectLock(project)
    finally:
        child.kill()
        child.communicate()
    lock = ProjectLock(project)
    lock.release()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="needs a folder that does not exist")
def test_where_no_lock_can_be_made_the_project_opens_all_the_same(tmp_path: Path) -> None:
    lock = ProjectLock(tmp_path / "nowhere" / "show.annotator")
    lock.release()
