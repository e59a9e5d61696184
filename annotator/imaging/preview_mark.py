"""Which file a stored preview was made from: its length and time, kept as a comment inside the JPEG."""

_PREFIX = b"annotator-source "
_COMMENT, _APP0, _SCAN = 0xFE, 0xE0, 0xDA

Mark = tuple[int, int]
"""Bytes and time of change (ns) of the image file."""


def marked(jpeg: bytes, mark: Mark) -> bytes:
    """The preview with a comment that names its file; no reader of JPEG shows it."""
    text = _PREFIX + f"{mark[0]} {mark[1]}".encode()
    segment = bytes((0xFF, _COMMENT)) + (len(text) + 2).to_bytes(2, "big") + text
    start = 2
    if jpeg[2:4] == bytes((0xFF, _APP0)):  # JFIF wants to be first
        start += 2 + int.from_bytes(jpeg[4:6], "big")
    return jpeg[:start] + segment + jpeg[start:]


def mark_of(jpeg: bytes) -> Mark | None:
    """The file that a preview was made from; None where it does not say (one of an older version)."""
    at = 2
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF and jpeg[at + 1] != _SCAN:
        length = int.from_bytes(jpeg[at + 2 : at + 4], "big")
        body = jpeg[at + 4 : at + 2 + length]
        if jpeg[at + 1] == _COMMENT and body.startswith(_PREFIX):
            try:
                nbytes, mtime_ns = map(int, body[len(_PREFIX) :].split())
            except ValueError:
                return None
            return nbytes, mtime_ns
        at += 2 + max(length, 2)
    return None
