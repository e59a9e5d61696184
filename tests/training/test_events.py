"""The event log: on the disk before anybody hears of an event, and silent on all processes but the first."""

import json
from pathlib import Path

from annotator.training.events import EVENTS, Event, EventLog


def test_events_are_kept_and_handed_on(tmp_path: Path) -> None:
    heard: list[Event] = []

    def listen(event: Event) -> None:
        assert json.loads((tmp_path / "run" / EVENTS).read_text().splitlines()[-1]) == event
        heard.append(event)

    for number in range(2):  # a run that goes on keeps what was told before
        with EventLog(tmp_path / "run", listen) as log:
            log({"event": "step", "step": number, "loss": 0.5})
    assert [event["step"] for event in heard] == [0, 1]
    assert len((tmp_path / "run" / EVENTS).read_text().splitlines()) == 2
    assert not (tmp_path / "run" / "tensorboard").exists()


def test_steps_and_validations_become_curves(tmp_path: Path) -> None:
    with EventLog(tmp_path, lambda event: None, curves=True) as log:
        log({"event": "step", "step": 1, "loss": 0.5})
        log({"event": "validation", "step": 1, "nme": {"all": 2.0}})
        log({"event": "saved", "step": 1})
    written = b"".join(file.read_bytes() for file in (tmp_path / "tensorboard").iterdir())
    assert b"train/loss" in written
    assert b"nme/all" in written


def test_further_processes_say_nothing(tmp_path: Path) -> None:
    heard: list[Event] = []
    with EventLog(tmp_path, heard.append, speaking=False) as log:
        log({"event": "start"})
    assert heard == []
    assert not (tmp_path / EVENTS).exists()
