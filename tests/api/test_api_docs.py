"""Every script of the page on Python runs as it stands."""

import re
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from examples_world import fill

from annotator.domain.proposal import Proposal
from annotator.store.project_store import ProjectStore

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
SCRIPTS = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.M | re.S)


@pytest.fixture(scope="module")
def small_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "world"
    fill(folder)
    with ProjectStore.open(folder / "shoot.annotator") as store:
        active = store.models.active_id()
        assert active is not None
        size = store.scheme.size
        for frame_id in range(1, 5):
            places = np.random.default_rng(frame_id).uniform(5, 60, (size, 2)).astype(np.float32)
            spread = np.tile(np.eye(2, dtype=np.float32), (size, 1, 1))
            sure = np.linspace(0.3, 0.8, size, dtype=np.float32)
            rois = np.zeros((0, 4), np.float32)
            own = Proposal(active, store.scheme.id, places, spread, sure, rois, places, spread)
            store.proposals.save(frame_id, own)
    return folder


@pytest.mark.parametrize("number", range(len(SCRIPTS)))
def test_a_script_of_the_page_runs(
    number: int, small_world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    shutil.copytree(small_world, tmp_path / "world")
    monkeypatch.chdir(tmp_path / "world")

    def trained(store: ProjectStore, options: Any, on_event: Any, stop: Any) -> Any:
        on_event({"event": "done"})
        return SimpleNamespace(card=store.models.active().card)

    monkeypatch.setattr("annotator.services.models.training.train.train_project", trained)
    exec(compile(SCRIPTS[number], f"script {number} of api.md", "exec"), {"__name__": "__main__"})  # noqa: S102
    assert capsys.readouterr().out
    if "mouth.csv" in SCRIPTS[number]:
        assert len(Path("mouth.csv").read_text().splitlines()) > 10
        assert Path("mouth.json").is_file()


def test_there_are_five_scripts_and_the_first_is_short() -> None:
    scripts = [script for script in SCRIPTS if script.count("\n") > 5]
    assert len(scripts) == 5
    assert scripts[0].count("\n") <= 20
