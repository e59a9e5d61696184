"""What was measured on: a figure without its machine means nothing."""

import platform
from datetime import UTC, datetime
from typing import Any

import psutil

from annotator.services.this_machine import installed_versions, nvidia_gpus, processor_name, usable_cores

_PACKAGES = ("torch", "numpy", "opencv-python", "simplejpeg", "PySide6-Essentials", "moderngl")


def machine() -> dict[str, Any]:
    """Date (UTC), processor, usable cores, memory (bytes), GPUs, system, Python and the packages that matter."""
    installed = installed_versions()
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "processor": processor_name(),
        "cores": usable_cores(),
        "memory": psutil.virtual_memory().total,
        "gpus": nvidia_gpus(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: installed[name.lower()] for name in _PACKAGES if name.lower() in installed},
    }
