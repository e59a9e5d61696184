"""What every test gets: Qt without a screen, settings of its own, and temporary files in memory where there is room."""

import os
import shutil
from pathlib import Path

from hypothesis import HealthCheck, settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")

# thousands of small projects wait for a disk at each commit; kills of a process are as true in memory
_MEMORY = Path("/dev/shm")
if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > 6 * 1024**3:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))

# speed is measured by `annotator bench`, never by a test: a busy machine must not fail one
settings.register_profile("annotator", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("annotator")
