"""Runs all checks of the doctor."""

from collections.abc import Callable, Iterator

from annotator.services.doctor.deep import check_deep
from annotator.services.doctor.finding import Finding, Status
from annotator.services.doctor.graphics import check_graphics
from annotator.services.doctor.packages import check_packages
from annotator.services.doctor.shipped import check_shipped
from annotator.services.doctor.system import check_system

Check = Callable[[], Iterator[Finding]]
QUICK: tuple[Check, ...] = (check_system, check_packages, check_graphics, check_shipped)


def diagnose(deep: bool = False) -> list[Finding]:
    """All findings, in the order of the report.

    Args:
        deep: also load torch, open a GL context and start Qt, which takes some seconds.
    """
    checks = (*QUICK, check_deep) if deep else QUICK
    return [finding for check in checks for finding in check()]


def healthy(findings: list[Finding]) -> bool:
    """Whether nothing stands in the way of work."""
    return all(finding.status is not Status.PROBLEM for finding in findings)
