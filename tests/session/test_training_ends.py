"""What becomes of a training when its window closes."""

import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from pytestqt.qtbot import QtBot

from annotator.session.processes.inference_process import InferenceProcess
from annotator.session.processes.training_process import TrainingProcess
from annotator.session.session import Session

WAIT = 60_000
TRAIN = Path(__file__).with_name("fake_train.py")


@pytest.fixture
def session(qtbot: QtBot, inference: InferenceProcess) -> Iterator[Session]:
    made = Session(inference=inference, training=TrainingProcess((sys.executable, str(TRAIN))))
    yield made
    made.shutdown()


def test_a_window_that_closes_waits_for_the_checkpoint_and_for_nothing_else(
    opened: Session, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setenv("FAKE_TRAIN", "slow")
    opened.jobs.start_training({})
    qtbot.waitUntil(lambda: len(opened.jobs.training_events) == 3, timeout=WAIT)
    pid = opened.jobs._training.pid
    opened.shutdown()
    assert opened.jobs._training.events[-1]["event"] == "saved"
    assert not psutil.pid_exists(pid)
