"""Cancelling by signals, and progress without a terminal."""

import os
import signal

import pytest
import typer

from annotator.cli import jobs
from annotator.cli.exit_codes import ExitCode
from annotator.cli.jobs import cancellable, progress_bar
from annotator.domain.progress import Cancelled


def job(number: signal.Signals, times: int = 1, raises: bool = False) -> None:
    """A job that is sent signals and sees the flag; ends by `Cancelled` or simply returns."""
    with cancellable("Half of it is kept.") as stop:
        assert not stop()
        for _ in range(times):
            os.kill(os.getpid(), number)
            assert stop()
        if raises:
            raise Cancelled


def test_a_signal_raises_the_flag_and_the_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(typer.Exit) as ended:
        job(signal.SIGINT, raises=True)
    assert ended.value.exit_code == ExitCode.CANCELLED
    assert "Half of it is kept." in capsys.readouterr().err
    assert signal.getsignal(signal.SIGINT) is before


def test_a_service_that_returns_early_counts_as_cancelled() -> None:
    with pytest.raises(typer.Exit):
        job(signal.SIGTERM)


def test_a_second_interrupt_ends_at_once() -> None:
    with pytest.raises(KeyboardInterrupt):
        job(signal.SIGINT, times=2)


def test_other_errors_pass_and_handlers_are_put_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(ZeroDivisionError), cancellable("Kept."):
        raise ZeroDivisionError
    assert signal.getsignal(signal.SIGTERM) is before


def test_nothing_special_without_a_signal(capsys: pytest.CaptureFixture[str]) -> None:
    with cancellable("Kept.") as stop:
        assert not stop()
    assert capsys.readouterr().err == ""


def test_progress_in_a_log_is_few_lines(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = iter([0.0, 1.0, 11.0, 12.0, 30.0])
    monkeypatch.setattr(jobs.time, "monotonic", lambda: next(seconds))
    with progress_bar("Proposing") as progress:
        for done in range(1, 5):
            progress(done, 4, "a.jpg")
    assert capsys.readouterr().err.splitlines() == ["Proposing: 2 of 4 a.jpg", "Proposing: 4 of 4 a.jpg"]


def test_quiet_progress_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar("Proposing", enabled=False) as progress:
        progress(1, 2, "")
    assert capsys.readouterr() == ("", "")
