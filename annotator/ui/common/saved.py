"""Values of the settings file, checked as they are read: it is text that anybody may write, and disks damage it.

Every reader of settings asks here. A value that makes no sense is as one that was never set.
"""

from __future__ import annotations

import logging
from typing import Any

from PySide6.QtCore import QByteArray, QSettings

from annotator.domain.outside_files import parse_json

_LOG = logging.getLogger(__name__)
_MOST = 1 << 20


def saved_text(settings: QSettings, key: str) -> str:
    """A text, empty where there is none."""
    value = _value(settings, key)
    if isinstance(value, int | float):
        return str(value)
    return value if isinstance(value, str) and len(value) <= _MOST and "\0" not in value else ""


def saved_number(settings: QSettings, key: str, made: int, least: int, most: int) -> int:
    """A whole number within its range, else `made`."""
    text = saved_text(settings, key)
    fits = text.isascii() and text.isdecimal() and len(text) < 12 and least <= int(text) <= most
    return int(text) if fits else made


def saved_flag(settings: QSettings, key: str) -> bool | None:
    """A switch, None where it was never set."""
    text = saved_text(settings, key)
    return text in ("1", "true", "True") if text in ("0", "1", "true", "false", "True", "False") else None


def saved_bytes(settings: QSettings, key: str) -> QByteArray | None:
    """What Qt's widgets remember of themselves."""
    value = _value(settings, key)
    return value if isinstance(value, QByteArray) and value.size() <= _MOST else None


def saved_table(settings: QSettings, key: str) -> dict[str, Any]:
    """A table that was kept as JSON, empty where there is none."""
    try:
        value = parse_json(saved_text(settings, key) or "{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _value(settings: QSettings, key: str) -> Any:
    try:
        return settings.value(key)
    except Exception:  # a value of a kind that Qt or Python cannot make anything of
        _LOG.warning("the setting %s cannot be read and is left out", key)
        return None
