"""What child processes may take of the processor."""

import subprocess
import sys

import psutil
import pytest

from annotator.session.processes.priority import lower_priority


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows classes in place of numbers")
@pytest.mark.parametrize(("before", "after"), [(0, 10), (15, 15)])
def test_the_window_goes_first_and_no_process_is_raised(before: int, after: int) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        own = psutil.Process(child.pid)
        own.nice(max(before, own.nice()))
        lower_priority(child.pid)
        assert own.nice() == max(after, psutil.Process().nice())
        child.communicate(b"\n")
