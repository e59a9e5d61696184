"""`annotator train`: from folders and projects, as a person or as a window's child."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import simplejpeg

from annotator.cli.training_events import event_printer, stop_by_stdin
from annotator.domain.assets import DEFAULT_SCHEME
from annotator.domain.model_card import ModelCard
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.services.models.training.training_table import Verdict
from annotator.store.project_store import ProjectStore

Runner = Callable[..., Any]
SUBJECTS = [f"subject_{number:05d}" for number in range(12)]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset folder: one 128x128 picture of each of 12 subjects, with all landmarks on a ring."""
    folder = tmp_path_factory.mktemp("dataset")
    scheme = load_scheme("studio-89")
    rng = np.random.default_rng(1)
    angle = np.linspace(0, 2 * np.pi, scheme.size, endpoint=False)
    ring = 64 + 30 * np.stack([np.cos(angle), np.sin(angle)], 1)
    lines = []
    for subject in SUBJECTS:
        file = folder / subject / "neutral" / "cam_01.jpg"
        file.parent.mkdir(parents=True)
        pixels = rng.integers(0, 255, (128, 128, 3), np.uint8)
        file.write_bytes(simplejpeg.encode_jpeg(pixels, colorspace="RGB"))
        record = {"file": file.relative_to(folder).as_posix(), "subject": subject, "xy": ring.tolist()}
        lines.append(json.dumps({**record, "state": [2] * scheme.size}))
    (folder / "annotations.jsonl").write_text("\n".join(lines) + "\n")
    return folder


def test_recipes_are_listed(annotator: Runner) -> None:
    told = json.loads(annotator("train", "--list-recipes", "--json").out)
    assert {"default", "paper", "light", "finetune"} <= set(told)
    assert "finetune" in annotator("train", "--list-recipes").out


def test_recipes_of_one_s_own_are_listed_and_a_broken_one_hides_none(
    annotator: Runner, tmp_path: Path
) -> None:
    (tmp_path / "house.toml").write_text('summary = "Ours"\nbase = "light"\n')
    (tmp_path / "broken.toml").write_text('base = "light"\nsteps = "few"\n')
    run = annotator("train", "--list-recipes", "--recipes", tmp_path, "--json")
    told = json.loads(run.out)
    assert (told["house"]["summary"], told["house"]["file"]) == ("Ours", str(tmp_path / "house.toml"))
    assert "broken.toml, line 2" in run.err
    assert {"default", "finetune"} <= set(told)


@pytest.mark.parametrize(
    "line",
    [
        [],
        ["p.annotator", "--recipe", "placement", "--minutes", "2"],
        ["p.annotator", "--recipe", "placement", "--from-consensus"],
        ["p.annotator", "--data", "x", "--out", "y"],
        ["p.annotator", "--batch", "4"],
        ["p.annotator", "--blend", "0.5"],
        ["p.annotator", "--compile"],
        ["--data", "x", "--out", "y", "--blend", "0.5"],
        ["--data", "x"],
        ["--data", "x", "--out", "y", "--resume"],
        ["--data", "x", "--out", "y", "--from-consensus"],
        ["--data", "x=0", "--out", "y"],
        ["--data", "x=much", "--out", "y"],
    ],
)
def test_wrong_usage(annotator: Runner, line: list[str]) -> None:
    assert annotator("train", *line).code == 2


def test_unknown_names_are_refused_with_those_there_are(
    annotator: Runner, dataset: Path, tmp_path: Path
) -> None:
    out = tmp_path / "model"
    assert "finetune" in annotator("train", "--data", dataset, "--out", out, "--recipe", "magic").err
    assert annotator("train", "--data", tmp_path / "none", "--out", out).code == 1
    assert not out.exists()


@pytest.mark.slow
def test_folders_train_a_model_that_a_longer_run_goes_on_with(
    annotator: Runner, dataset: Path, tmp_path: Path
) -> None:
    out = tmp_path / "mine"
    line = (
        "train",
        "--data",
        f"{dataset}=2",
        "--scheme",
        "studio-89@1",
        "--recipe",
        "starter",
        "--batch",
        1,
        "--out",
        out,
        "--device",
        "cpu",
    )
    first = annotator(*line, "--steps", 1, "--events")
    assert first.code == 0
    events = [json.loads(text) for text in first.out.splitlines()]
    assert events[0]["event"] == "start"
    assert Path(events[0]["folder"]).is_dir()
    assert events[0]["frames"] < len(SUBJECTS), "some subjects are kept out to measure on"
    assert events[-1]["event"] == "done"
    assert "all" in events[-1]["after"]
    longer = json.loads(annotator(*line, "--steps", 2, "--json").out)
    assert longer["model"] == "mine"
    card = ModelCard.from_toml((out / "model.toml").read_text())
    assert card.data["steps"] == 2
    (tmp_path / "mine.run").rename(tmp_path / "gone")
    assert "finished model" in annotator(*line, "--steps", 3).err


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """Replaces the training of projects; tells what it was asked, and `stopped` is what it answers."""
    from annotator.services.models.training import train as service

    told: dict[str, Any] = {"stopped": False}

    def fake(
        store: ProjectStore, options: Any, on_event: Callable[[dict[str, Any]], None], stop: object
    ) -> object:
        told["options"] = options
        on_event({"event": "prepare", "message": "Measuring", "done": 1, "total": 2})
        on_event({"event": "step", "step": 1, "steps": 2, "loss": 0.5, "progress": 0.5})
        on_event({"event": "validation", "step": 2, "nme": {"all": 1.5}})
        card = ModelCard("new", DEFAULT_SCHEME, {"kind": "adc"})
        store.models.add(card, tmp_path / "new")
        table = SimpleNamespace(
            text=lambda: "region before after", to_json=lambda: {"rows": []}, verdict=Verdict.WORSE
        )
        return SimpleNamespace(
            card=card,
            folder=tmp_path / "new",
            table=table,
            stopped=told["stopped"],
            left_out=told.get("left_out", {}),
            doubted=told.get("doubted", {}),
        )

    monkeypatch.setattr(service, "train_project", fake)
    return told


@pytest.fixture
def learnt(monkeypatch: pytest.MonkeyPatch, asked: dict[str, Any]) -> dict[str, Any]:
    """Replaces the learning of a convention likewise."""
    from annotator.services.models.training import learn_convention, train

    monkeypatch.setattr(learn_convention, "learn_convention", train.train_project)
    return asked


@pytest.mark.parametrize(
    ("command", "deprecated"),
    [(["learn-convention"], False), (["train", "--recipe", "placement"], True)],
)
def test_a_convention_is_learnt_by_its_command_or_by_its_former_name(
    annotator: Runner, project: Path, learnt: dict[str, Any], command: list[str], deprecated: bool
) -> None:
    name, *rest = command
    run = annotator(name, project, *rest, "--device", "cpu", "--activate")
    assert run.code == 0
    assert "region before after" in run.out
    assert ("deprecated" in run.err) is deprecated
    assert (learnt["options"].model, learnt["options"].device) == (None, "cpu")
    assert active(project) == "new"


def active(project: Path) -> str | None:
    with ProjectStore.open(project) as store:
        model = store.models.active()
        return model.id if model else None


def test_a_new_model_of_a_project_is_not_active_unless_asked(
    annotator: Runner, project: Path, asked: dict[str, Any]
) -> None:
    run = annotator("train", project, "--minutes", 2.5, "--steps", 7, "--seed", 3)
    assert run.code == 0
    assert "region before after" in run.out
    assert "--activate new" in run.err
    options = asked["options"]
    assert (options.recipe, options.minutes, options.steps, options.seed) == ("finetune", 2.5, 7, 3)
    assert not options.from_consensus
    assert active(project) != "new"
    annotator("train", project, "--activate", "--from-consensus")
    assert asked["options"].from_consensus
    assert active(project) == "new"


def test_events_alone_stand_on_stdout(annotator: Runner, project: Path, asked: dict[str, Any]) -> None:
    run = annotator("train", project, "--events", "--resume")
    assert [json.loads(line)["event"] for line in run.out.splitlines()] == ["prepare", "step", "validation"]
    assert asked["options"].resume


def test_a_stopped_training_is_code_130(annotator: Runner, project: Path, asked: dict[str, Any]) -> None:
    asked["stopped"] = True
    assert annotator("train", project, "--json").code == 130


def test_people_see_validations_and_no_error_twice(capsys: pytest.CaptureFixture[str]) -> None:
    with event_printer(machine=False) as show:
        show({"event": "validation", "step": 5, "nme": {"all": 1.234, "mouth": None}})
        show({"event": "error", "message": "no frames"})
    err = capsys.readouterr().err
    assert "step 5: NME % all 1.23" in err
    assert "no frames" not in err  # what is raised with it is printed by the caller


def test_the_stop_command_is_heard_and_other_lines_are_not() -> None:
    gate = threading.Event()

    def lines() -> Any:
        yield "hello\n"
        yield '{"cmd": "go"}\n'
        yield '["cmd"]\n'
        gate.wait(10)
        yield '{"cmd":"stop"}\n'

    stop = stop_by_stdin(lambda: False, lines())
    assert not stop()
    gate.set()
    deadline = threading.Event()
    while not stop() and not deadline.wait(0.01):
        pass
    assert stop()


def test_the_end_of_stdin_stops_nothing() -> None:
    stop = stop_by_stdin(lambda: False, [])
    assert not stop()
    assert stop_by_stdin(lambda: True, [])()


def test_a_training_goes_on_when_the_window_that_started_it_is_gone() -> None:
    script = (
        "import sys\n"
        "from annotator.cli.training_events import event_printer\n"
        "with event_printer(True) as tell:\n"
        "    sys.stdin.readline()\n"
        "    for step in range(3):\n"
        "        tell({'event': 'step', 'step': step})\n"
        "sys.stderr.write('trained to the end')\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stderr is not None
    child.stdout.close()  # the window dies
    child.stdin.write("go\n")
    child.stdin.close()
    assert child.stderr.read() == "trained to the end"
    assert child.wait(60) == 0
