"""A small project of real image files, and a session whose model is a fake."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import hurried
import pytest
from fake_predictor import SIZE, FakePredictor
from numpy.typing import NDArray
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot
from session_files import HEIGHT, WIDTH, write_frame

from annotator.domain import edits
from annotator.domain.capture import Frame
from annotator.domain.errors import AnnotatorError
from annotator.domain.frame_key import FrameKey
from annotator.domain.model_card import ModelCard
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.schemes.scheme_file import parse_scheme
from annotator.imaging.frame_pixels import pixels_of
from annotator.services.models.propose import sized
from annotator.session.editing.conflicts import EditConflict
from annotator.session.processes.inference_messages import Ask
from annotator.session.processes.inference_process import InferenceProcess
from annotator.session.session import Session
from annotator.store.file.errors import StoreWriteError
from annotator.store.project_store import ProjectStore

NAMES = [f"p{i}" for i in range(SIZE)]
SCHEME = (
    'schema = 1\nname = "five"\nversion = 1\nlandmarks = [\n'
    + "".join(f'  {{ name = "{name}", region = "eye_l", mirror = "{name}" }},\n' for name in NAMES)
    + ']\n[[regions]]\nname = "eye_l"\ntitle = "Eye"\ncolour = "#6cb4d8"\nmirror = "eye_l"\n'
)


@pytest.fixture(scope="session", autouse=True)
def hurry() -> Iterator[None]:
    yield from hurried.hurry()


@pytest.fixture(scope="session")
def scheme() -> LandmarkScheme:
    return parse_scheme(SCHEME)


@pytest.fixture
def project(tmp_path: Path, scheme: LandmarkScheme) -> Path:
    """Frames 1..5 are JPEG, frame 6 is TIFF; frame i is of grey i throughout."""
    captures = tmp_path / "captures"
    frames = []
    for i in range(1, 7):
        name = f"ada/left/{i}.{'tif' if i == 6 else 'jpg'}"
        write_frame(captures / name, i)
        frames.append(Frame(0, name, "ada", "", "left", str(i), WIDTH, HEIGHT))
    path = tmp_path / "show.annotator"
    with ProjectStore.create(path, scheme, captures) as store:
        store.frames.add(frames)
        for name in ("one", "two"):
            store.models.add(ModelCard(name, scheme.id, {}), tmp_path / name)
        store.models.activate("one")
    return path


class InlineInference(InferenceProcess):
    """No child: the fake predictor answers from the event loop."""

    def request(self, key: FrameKey, region: str = "", box: NDArray[Any] | None = None) -> None:
        predictor = FakePredictor(Path(self._setup[Ask.MODEL][1]))

        def answer() -> None:
            try:
                image = pixels_of(key)
                proposal = sized(predictor.propose(image), image)
            except AnnotatorError as error:
                self.failed.emit(key, str(error))
                return
            project = self._setup[Ask.PROJECT][2]
            if project is None:
                return
            with suppress(StoreWriteError), ProjectStore.open(project) as store:
                store.proposals.save(key.frame_id, proposal)
            self.proposed.emit(key, proposal)

        QTimer.singleShot(0, self, answer)


@pytest.fixture
def inference(qtbot: QtBot) -> Iterator[InferenceProcess]:
    """Answers without a child; modules that test the real process have a fixture of their own."""
    process = InlineInference()
    yield process
    process.shutdown()


@pytest.fixture
def session(qtbot: QtBot, inference: InferenceProcess) -> Iterator[Session]:
    """No project is open yet."""
    made = Session(inference=inference)
    yield made
    made.shutdown()


@pytest.fixture
def opened(session: Session, project: Path) -> Session:
    """On frame 1 of the project."""
    session.open_project(project)
    return session


@pytest.fixture
def placed(opened: Session, qtbot: QtBot) -> Session:
    """Frame 1 with all landmarks set by a person: landmark i at (10 i, 10 i)."""
    qtbot.waitUntil(lambda: opened.proposals.get(1) is not None, timeout=60_000)
    opened.annotations.submit(
        opened.frames.current_id, edits.move(range(5), [[10 * i, 10 * i] for i in range(5)])
    )
    return opened


@pytest.fixture
def asked(placed: Session) -> list[EditConflict]:
    """Every conflict that the session asks about."""
    found: list[EditConflict] = []
    placed.annotations.conflict_found.connect(found.append)
    return found


@pytest.fixture
def other(tmp_path: Path, scheme: LandmarkScheme) -> Path:
    """A second project, whose frames have the same numbers; frame i is of grey 20 + i."""
    folder = tmp_path / "other"
    frames = []
    for i in range(1, 4):
        write_frame(folder / f"captures/{i}.jpg", 20 + i)
        frames.append(Frame(0, f"{i}.jpg", "", "", "", str(i), WIDTH, HEIGHT))
    path = folder / "other.annotator"
    with ProjectStore.create(path, scheme, folder / "captures") as store:
        store.frames.add(frames)
        store.models.add(ModelCard("one", scheme.id, {}), tmp_path / "one")
        store.models.activate("one")
    return path


@pytest.fixture
def gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Frames of grey `SLOW` are proposed once this file exists."""
    path = tmp_path / "go"
    monkeypatch.setenv("ANNOTATOR_TEST_GATE", str(path))
    return path


@pytest.fixture
def real_inference(qtbot: QtBot, gate: Path) -> Iterator[InferenceProcess]:
    """The real child process, with a fake predictor in it."""
    process = InferenceProcess("fake_predictor:make")
    yield process
    process.shutdown()
