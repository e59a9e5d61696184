"""XML of other programs: read within limits, written so that every reader takes it."""

import re
from pathlib import Path
from xml.etree import ElementTree

from annotator.domain.errors import FormatError
from annotator.domain.outside_files import parse_xml
from annotator.formats.texts import bounded_text

_MAX_BYTES = 256 << 20


def read_xml(path: Path) -> ElementTree.Element:
    """The root of a file of at most 256 MiB, without entities; raises FormatError."""
    try:
        return parse_xml(bounded_text(path, _MAX_BYTES))
    except ValueError as error:
        raise FormatError(f"{path} is not read: {error}") from None


def xml_text(root: ElementTree.Element) -> str:
    """A file's text, indented, without the control characters that no XML may hold."""
    ElementTree.indent(root, " ")
    content: str = ElementTree.tostring(root, encoding="unicode")
    safe = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", content)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{safe}\n'
