"""Help > Report a problem: the log, versions and the doctor's findings in one zip that the person gives on; never pictures.

Without the person's word no name of a file or folder goes in: a line that could hold one keeps only what it is about.
"""

import re
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from annotator.files import atomic_file, refuse_to_replace
from annotator.services.doctor import Check, diagnose
from annotator.services.log_file import log_files
from annotator.services.this_machine import installed_versions

_MOST_LOG = 4 << 20
_LEFT_OUT = "(left out: it may name files)"
_HEAD = re.compile(r"(\d{4}-\d\d-\d\d [\d:,]+ [A-Z]+ \d+ [\w.]+): (.*)")
_PLACE = re.compile(
    r'\s*File "(?:[^"]*[/\\])?((?:annotator|site-packages|lib)[/\\][^"]*|<[\w ]+>)", line \d+,? in .*'
)
_ERROR = re.compile(r"([A-Za-z_][\w.]*(?:Error|Exception|Warning|Interrupt|Exit|Full))(:.*)?")
_NAMES = re.compile(r"[/\\~\"'«»]|\.[A-Za-z]\w*\b|@")
_STACK = re.compile(
    r"(Traceback \(most recent call last\):|(Current )?[Tt]hread 0x\w+ .*|Fatal Python error: .*|\s*[\^~ ]+)"
)

_README = """A report of a problem with Annotator.

Made on this machine by Help > Report a problem. It was sent to nobody: attach it where you tell of the problem.
It holds the program's log, the versions of what is installed, and what `annotator doctor` finds. It holds no pictures,
no landmarks{names}.
"""


def write_report(target: Path, with_names: bool, checks: Iterable[Check] | None = None) -> str:
    """Collect everything into a zip; returns a line for the person. Raises `FormatError` where it cannot be written.

    Args:
        with_names: the person agreed that names of files and folders go in.
        checks: what the doctor found; None asks it now, without trials.
    """
    refuse_to_replace(target)
    found = list(diagnose() if checks is None else checks)
    with atomic_file(target) as staged, zipfile.ZipFile(staged, "w", zipfile.ZIP_DEFLATED) as file:
        names = "" if with_names else ", and no names of files or folders"
        file.writestr("README.txt", _README.format(names=names))
        file.writestr("versions.txt", versions_text())
        file.writestr("doctor.txt", doctor_text(found, with_names))
        for log in log_files():
            lines = log.read_bytes()[-_MOST_LOG:].decode("utf-8", "replace").splitlines()
            file.writestr(log.name, "\n".join(lines if with_names else without_names(lines)) + "\n")
    return f"The report is {target}. Nothing was sent: look into it, and attach it where you tell of the problem."


def versions_text() -> str:
    """Every installed distribution with its version, a line each."""
    return "\n".join(f"{name} {version}" for name, version in sorted(installed_versions().items())) + "\n"


def doctor_text(checks: Iterable[Check], with_names: bool) -> str:
    """What the doctor found, a line a check."""
    lines = (
        f"{check.status.value:8} {check.area} / {check.name}: "
        f"{check.value if with_names or not _NAMES.search(check.value) else _LEFT_OUT}"
        for check in checks
    )
    return "\n".join(lines) + "\n"


def without_names(lines: Sequence[str]) -> list[str]:
    """Lines of the log of which only that is kept which cannot name a file: when, what kind, where in the program."""
    return [_without_names(line) for line in lines]


def _without_names(line: str) -> str:
    head = _HEAD.fullmatch(line)
    if head is not None:
        return f"{head[1]}: {head[2] if _is_plain(head[2]) else _LEFT_OUT}"
    place = _PLACE.fullmatch(line)
    if place is not None:
        return line[: line.index('"') + 1] + line[line.index(place[1]) :]
    error = _ERROR.fullmatch(line)
    if error is not None:
        return line if _is_plain(error[2] or "") else f"{error[1]}: {_LEFT_OUT}"
    return line if not line.strip() or _STACK.fullmatch(line) else _LEFT_OUT


def _is_plain(text: str) -> bool:
    return _NAMES.search(text) is None
