"""What the artist set once for all projects: size of the texts, memory, prefetch, where the model runs."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QSettings

from annotator.ui.common.saved import saved_number, saved_text

SCALES = (80, 90, 100, 110, 125, 150, 175, 200)
DEVICES = {
    "Automatic": "auto",
    "GPU (CUDA)": "cuda",
    "Apple GPU": "mps",
    "CPU": "cpu",
    "CPU by OpenVINO": "openvino",
}


@dataclass(frozen=True)
class Preferences:
    """All of them, with what they are at the first start.

    Attributes:
        scale: size of texts, percent. memory_mb: for all caches together, 0 = by the machine. ahead: frames read ahead, each way.
        device: where the model runs. threads: that it takes, 0 = all cores but one. Device and threads count from the next start.
    """

    scale: int = 100
    memory_mb: int = 0
    ahead: int = 2
    device: str = "auto"
    threads: int = 0


def load_preferences(settings: QSettings) -> Preferences:
    """What is remembered; a value that makes no sense is as at the first start."""
    made = Preferences()
    device = saved_text(settings, "preferences/device")
    return Preferences(
        _within(settings, "scale", made.scale, SCALES[0], SCALES[-1]),
        _within(settings, "memory_mb", made.memory_mb, 0, 1 << 20),
        _within(settings, "ahead", made.ahead, 0, 16),
        device if device in DEVICES.values() else made.device,
        _within(settings, "threads", made.threads, 0, 256),
    )


def save_preferences(settings: QSettings, value: Preferences) -> None:
    """Remembers them."""
    for name, each in vars(value).items():
        settings.setValue(f"preferences/{name}", each)
    settings.sync()


def _within(settings: QSettings, name: str, made: int, least: int, most: int) -> int:
    return saved_number(settings, f"preferences/{name}", made, least, most)
