"""What was measured on: a figure without its machine means nothing."""

import platform
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

from annotator.services.doctor.graphics import nvidia_gpus
from annotator.services.doctor.system import processor_name, total_memory, usable_cores

_PACKAGES = ("torch", "numpy", "opencv-python", "simplejpeg", "PySide6-Essentials", "moderngl")


def machine() -> dict[str, Any]:
    """Date (UTC), processor, usable cores, memory (bytes), GPUs, system, Python and the packages that matter."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "processor": processor_name(),
        "cores": usable_cores(),
        "memory": total_memory(),
        "gpus": nvidia_gpus(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: version for name in _PACKAGES if (version := _version(name))},
    }


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
