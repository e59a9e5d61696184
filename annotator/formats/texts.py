"""The text of a file from outside, within limits, in the encodings that other programs write."""

import codecs
from pathlib import Path

from annotator.domain.errors import FormatError
from annotator.domain.outside_files import check_regular, read_outside


def bounded_text(path: Path, limit: int, windows_too: bool = False) -> str:
    """The text of a file of at most `limit` bytes, UTF-8 or (by its first bytes) UTF-16; raises FormatError for anything else.

    `windows_too`: what is neither is taken for Windows' western code page, which spreadsheets write.
    """
    try:
        size = check_regular(path).st_size
        if size > limit:
            raise FormatError(
                f"{path} has {size / 2**20:.0f} MiB; at most {limit / 2**20:.0f} are read, split it"
            )
        data = read_outside(path, limit)
        if not windows_too:
            return decoded(data)
        try:
            return decoded(data)
        except UnicodeDecodeError:
            return data.decode("cp1252")
    except FileNotFoundError:
        raise FormatError(f"{path} does not exist; choose the file to read") from None
    except IsADirectoryError:
        raise FormatError(f"{path} is a folder; choose the file in it") from None
    except UnicodeDecodeError as error:
        raise FormatError(f"{path} is no UTF-8 text (byte {error.start}); save it as UTF-8") from None
    except OSError as error:
        raise FormatError(f"{path} cannot be read: {error.strerror or error}") from None


def decoded(data: bytes, errors: str = "strict") -> str:
    """Bytes as text, UTF-8 or (by the first bytes) UTF-16; raises UnicodeDecodeError, unless `errors` says otherwise."""
    return data.decode(_encoding(data), errors)


def _encoding(data: bytes) -> str:
    """UTF-16 by its mark or by the zero bytes of its first letters, else UTF-8."""
    if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    if data[1:2] == b"\0" != data[:1] and data[3:4] == b"\0":
        return "utf-16-le"
    return "utf-16-be" if data[:1] == b"\0" != data[1:2] and data[2:3] == b"\0" else "utf-8-sig"
