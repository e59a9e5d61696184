"""A real window on a small real project, with a model that answers at once; settings and user folders of its own."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import hurried
import numpy as np
import pytest
import simplejpeg
from numpy.typing import NDArray
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from ui_fakes import FakeInference
from ui_helpers import HEIGHT, WIDTH, has_pixels, picture

from annotator.domain.capture import Frame
from annotator.domain.model_card import ModelCard
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.session.job.job_board import JobState
from annotator.session.session import Session
from annotator.store.project_store import ProjectStore
from annotator.ui.common.theme import apply_theme
from annotator.ui.common.view_options import Options
from annotator.ui.shell.main_window import MainWindow

NAME = "show.annotator"


@pytest.fixture(autouse=True)
def no_button_stays_down(qapp: QApplication) -> Iterator[None]:
    """A double click by `QTest`, or a test that fails in the middle, leaves a button down for all that follow."""
    yield
    for button in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton):
        if QApplication.mouseButtons() & button:
            helper = QWidget()
            helper.show()
            QTest.mouseRelease(helper, button)


@pytest.fixture(scope="session", autouse=True)
def hurry() -> Iterator[None]:
    yield from hurried.hurry()


@pytest.fixture(scope="session")
def scheme() -> LandmarkScheme:
    return load_scheme("studio-89")


@pytest.fixture(scope="session")
def places(scheme: LandmarkScheme) -> NDArray[np.float64]:
    """float64 [L, 2]: landmarks on a grid, 60 px apart, so that none hides another."""
    number = np.arange(scheme.size)
    return np.stack([100 + 60 * (number % 11), 70 + 60 * (number // 11)], 1).astype(np.float64)


@pytest.fixture(scope="session")
def jpeg() -> bytes:
    """The picture of every test frame, encoded."""
    return simplejpeg.encode_jpeg(picture(), quality=95, colorsubsampling="444")


@pytest.fixture(scope="session")
def made_project(tmp_path_factory: pytest.TempPathFactory, scheme: LandmarkScheme, jpeg: bytes) -> Path:
    """What `project` is a copy of."""
    folder = tmp_path_factory.mktemp("made")
    captures, frames = folder / "captures", []
    for subject in ("ada", "ben"):
        for camera in ("left", "right"):
            file = captures / subject / f"{camera}.jpg"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(jpeg)
            frames.append(Frame(0, f"{subject}/{camera}.jpg", subject, "", camera, "", WIDTH, HEIGHT))
    with ProjectStore.create(folder / NAME, scheme, captures) as store:
        store.frames.add(frames)
        for name in ("one", "two"):
            store.models.add(ModelCard(name, scheme.id, {}, title=f"Model {name}"), folder / name)
        store.models.activate("one")
    return folder


@pytest.fixture
def project(tmp_path: Path, made_project: Path) -> Path:
    """Four frames: two subjects, two cameras; models "one" (active) and "two"."""
    shutil.copytree(made_project, tmp_path, dirs_exist_ok=True)
    return tmp_path / NAME


@pytest.fixture(scope="module")
def inference(scheme: LandmarkScheme, places: NDArray[np.float64], qapp: QApplication) -> FakeInference:
    return FakeInference(scheme, places)


@pytest.fixture(scope="module")
def session(qapp: QApplication, inference: FakeInference) -> Iterator[Session]:
    """One for all tests of a file, as an artist opens one project after the other in one window."""
    made = Session(inference=inference)
    yield made
    made.shutdown()
    made.deleteLater()  # its signals hold all that listened


@pytest.fixture
def own_session(qapp: QApplication, scheme: LandmarkScheme, places: NDArray[np.float64]) -> Iterator[Session]:
    """For windows of a test's own, which `qtbot.addWidget` ends."""
    made = Session(inference=FakeInference(scheme, places))
    yield made
    made.shutdown()
    made.deleteLater()


@pytest.fixture(scope="module")
def shared_window(
    qapp: QApplication, session: Session, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MainWindow]:
    apply_theme(qapp)
    ini = tmp_path_factory.mktemp("settings") / "window.ini"
    window = MainWindow(session, QSettings(str(ini), QSettings.Format.IniFormat))
    window.resize(1500, 900)
    window.show()
    assert QTest.qWaitForWindowExposed(window)
    yield window
    for job in session.jobs.all:  # else the window asks whether to stop them
        session.jobs.end(job.id, JobState.DONE)
    window.close()
    window.deleteLater()  # the next file's theme would restyle it, too


@pytest.fixture
def empty_window(
    qtbot: QtBot, session: Session, inference: FakeInference, shared_window: MainWindow
) -> Iterator[MainWindow]:
    """The window without a project, as at its first start."""
    inference.places.clear()
    inference.asked.clear()
    defaults = Options()
    shared_window.options.update(**{name: getattr(defaults, name) for name in vars(defaults)})
    shared_window.banners.notice.hide()
    shared_window.arrangement.show_drawer(False)
    shared_window.activateWindow()
    yield shared_window
    session.close_project(discard_pending=True)


@pytest.fixture
def window(qtbot: QtBot, session: Session, project: Path, empty_window: MainWindow) -> MainWindow:
    """The window on frame 1, with its pixels and its proposal there, fitted."""
    session.open_project(project)
    qtbot.waitUntil(
        lambda: has_pixels(session) and session.proposals.get(session.frames.current_id) is not None
    )
    empty_window.view.fit()
    empty_window.view.setFocus()
    return empty_window
