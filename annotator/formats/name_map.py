"""Maps of names: which landmark each point of another program is, as TOML: `"left eye corner" = "eye_left_outer"`."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from annotator.domain.errors import FormatError
from annotator.domain.outside_files import parse_toml, read_outside_text
from annotator.domain.scheme import LandmarkScheme

_MOST_BYTES: Final = 1 << 20
NOTHING: Final = ""
"""What a point is that is no landmark: it is left out."""


def read_map(path: Path, scheme: LandmarkScheme) -> dict[str, str]:
    """Theirs -> ours; an empty text for a point to be left out. Raises FormatError for all else, and unknown landmarks."""
    try:
        values = parse_toml(read_outside_text(path, _MOST_BYTES, "utf-8-sig"))
    except OSError as error:
        raise FormatError(f"{path} cannot be read: {error.strerror or error}") from None
    except ValueError as error:
        raise FormatError(
            f'{path} must be TOML with lines such as "their name" = "our_name": {error}'
        ) from None
    return checked_map(values, scheme, str(path))


def checked_map(values: Any, scheme: LandmarkScheme, where: str) -> dict[str, str]:
    """The same of values that were read; raises FormatError."""
    if not isinstance(values, dict) or not all(isinstance(ours, str) for ours in values.values()):
        raise FormatError(f'{where} must have lines such as "their name" = "our_name" alone, without tables')
    unknown = [ours for ours in values.values() if ours != NOTHING and ours not in scheme.names]
    if unknown:
        raise FormatError(f"{where}: {unknown[0]!r} is no landmark of {scheme.id}")
    return {str(theirs): ours for theirs, ours in values.items()}


def map_text(names: Mapping[str, str], remarks: Mapping[str, str], about: str) -> str:
    """A map as a file for people to correct; `remarks` by the file's names, `about` is the first line."""
    lines = [f"# {about}", "# theirs = ours; an empty text leaves a point out."]
    for theirs, ours in names.items():
        remark = f"  # {remarks[theirs]}" if theirs in remarks else ""
        lines.append(f"{json.dumps(theirs, ensure_ascii=False)} = {json.dumps(ours)}{remark}")
    return "\n".join(lines) + "\n"
