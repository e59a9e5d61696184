"""Installed packages and extras, read from their metadata: nothing heavy is imported."""

import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata

from annotator.domain.assets import asset
from annotator.services.doctor.finding import Finding, Status

_REQUIREMENT = re.compile(r"^\s*(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?[^;]*(?:;(?P<marker>.*))?$")
_EXTRA = re.compile(r"extra\s*==\s*['\"](?P<extra>[^'\"]+)['\"]")
_PYTHON = re.compile(r"python_version\s*(?P<sign><=|>=|<|>|==)\s*['\"](?P<version>[0-9.]+)['\"]")
_DEVELOPMENT = frozenset({"dev", "test", "tests", "docs"})
_AREA = "packages"


@dataclass(frozen=True)
class Requirement:
    """A package that Annotator asks for; `extra` is None for what every installation needs."""

    name: str
    extra: str | None


def check_packages() -> Iterator[Finding]:
    """Findings on Annotator's own version, what it requires, its extras, and combinations known to fail."""
    requirements = declared_requirements()
    installed = installed_versions()
    version = installed.get("annotator", "a checkout, not installed")
    yield Finding(_AREA, "annotator", Status.OK, version)
    for requirement in requirements:
        if requirement.extra is None:
            yield required_finding(requirement.name, installed)
    for extra in sorted({r.extra for r in requirements if r.extra and r.extra not in _DEVELOPMENT}):
        yield extra_finding(extra, [r.name for r in requirements if r.extra == extra], installed)
    yield from clash_findings(installed, sys.version_info[:2])


def declared_requirements() -> list[Requirement]:
    """What the installed package declares; in a checkout that is not installed, what `pyproject.toml` declares."""
    try:
        lines = metadata.requires("annotator") or []
    except metadata.PackageNotFoundError:
        lines = _lines_of_pyproject()
    parsed = (parse_requirement(line, sys.version_info[:2]) for line in lines)
    return list(dict.fromkeys(r for r in parsed if r is not None))


def parse_requirement(line: str, python: tuple[int, int]) -> Requirement | None:
    """Read the name and the extra of a requirement; None where its marker leaves out this Python or system."""
    match = _REQUIREMENT.match(line)
    if match is None:
        return None
    marker = match["marker"] or ""
    for condition in _PYTHON.finditer(marker):
        if not _holds(python, condition["sign"], condition["version"]):
            return None
    if "sys_platform" in marker and f"'{sys.platform}'" not in marker.replace('"', "'"):
        return None
    extra = _EXTRA.search(marker)
    return Requirement(match["name"], extra["extra"] if extra else None)


def installed_versions() -> dict[str, str]:
    """Version of every installed distribution by its normalised name."""
    found: dict[str, str] = {}
    for distribution in metadata.distributions():
        name = distribution.metadata["Name"]
        if name:
            found.setdefault(normalised(name), distribution.version)
    return found


def required_finding(name: str, installed: Mapping[str, str]) -> Finding:
    """Whether a package that every installation needs is there."""
    version = installed.get(normalised(name))
    if version is None:
        return Finding(
            _AREA, name, Status.PROBLEM, "missing", "Repair the installation: pip install annotator"
        )
    return Finding(_AREA, name, Status.OK, version)


def extra_finding(extra: str, names: list[str], installed: Mapping[str, str]) -> Finding:
    """Whether an optional group of packages is whole."""
    present = [f"{name} {installed[normalised(name)]}" for name in names if normalised(name) in installed]
    lacking = [name for name in names if normalised(name) not in installed]
    if lacking:
        advice = f"pip install 'annotator[{extra}]'"
        return Finding("extras", extra, Status.NOTE, f"not installed: {', '.join(lacking)}", advice)
    return Finding("extras", extra, Status.OK, ", ".join(present))


def clash_findings(installed: Mapping[str, str], python: tuple[int, int]) -> Iterator[Finding]:
    """Combinations that were seen to crash or to shadow each other."""
    for name in ("pyside6", "pyside6-essentials"):
        if installed.get(name, "").startswith("6.12.0") and python < (3, 12):
            yield Finding(
                _AREA,
                "PySide6 6.12.0 on Python 3.11",
                Status.PROBLEM,
                "aborts after some hundred signals",
                "pip install 'PySide6-Essentials==6.11.3'",
            )
            break
    opencv = sorted(name for name in installed if name.startswith("opencv-") and "python" in name)
    if len(opencv) > 1:
        advice = f"Keep one: pip uninstall {' '.join(opencv)} && pip install opencv-python"
        yield Finding(_AREA, "several OpenCV wheels", Status.PROBLEM, ", ".join(opencv), advice)


def normalised(name: str) -> str:
    """A distribution's name as indexes compare it: lower case, runs of `-_.` as one dash."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _lines_of_pyproject() -> list[str]:
    file = asset("resources").parent / "pyproject.toml"
    if not file.is_file():
        return []
    project = tomllib.loads(file.read_text(encoding="utf-8")).get("project", {})
    lines: list[str] = list(project.get("dependencies", []))
    for extra, extras in project.get("optional-dependencies", {}).items():
        for line in extras:
            joint = " and" if ";" in line else " ;"
            lines.append(f"{line}{joint} extra == '{extra}'")
    return lines


def _holds(python: tuple[int, int], sign: str, text: str) -> bool:
    wanted = tuple(int(part) for part in text.split("."))[:2]
    return {
        "<": python < wanted,
        "<=": python <= wanted,
        ">": python > wanted,
        ">=": python >= wanted,
        "==": python == wanted,
    }[sign]
