"""The whole way with a real network in the real process: open, propose, heatmaps, switch frames."""

from pathlib import Path

import numpy as np
from pytestqt.qtbot import QtBot
from session_files import WIDTH, write_frame

from annotator.domain.capture import Frame
from annotator.domain.model_card import ModelCard, read_card
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.nn.checkpoint import save_model
from annotator.nn.zoo import architecture, build
from annotator.session.session import Session
from annotator.store.project_store import ProjectStore


def test_a_tiny_network_proposes_from_its_own_process(tmp_path: Path, qtbot: QtBot) -> None:
    scheme = load_scheme("ibug-68")
    description = architecture("tiny", scheme)
    folder = tmp_path / "show.models" / "tiny"
    save_model(folder, build(description), ModelCard("tiny", scheme.id, description))
    with ProjectStore.create(tmp_path / "show.annotator", scheme, tmp_path) as store:
        for i in (1, 2):
            write_frame(tmp_path / f"{i}.jpg", 100 * i)
        store.frames.add(Frame(0, f"{i}.jpg", "", "", "", str(i), WIDTH, 240) for i in (1, 2))
        store.models.add(read_card(folder), folder)
        store.models.activate("tiny")
    session = Session()
    try:
        with qtbot.waitSignal(session.proposals.arrived, timeout=60_000):
            session.open_project(tmp_path / "show.annotator")
        found = session.proposals.get(1)
        assert found is not None
        assert found.model_id == "tiny"
        assert [item.name for item in found.heatmaps] == ["global", *(r.name for r in scheme.regions)]
        assert np.isfinite(found.xy).all()
        session.frames.next()
        qtbot.waitUntil(lambda: session.proposals.get(2) is not None, timeout=60_000)
        region = scheme.regions[0].name
        box = np.array([20, 30, 120, 130], np.float32)
        session.proposals.rerun_region(2, region, box)
        qtbot.waitUntil(lambda: np.allclose(session.proposals.get(2).rois[0], box), timeout=60_000)  # type: ignore[union-attr]
    finally:
        session.shutdown()
