"""What the window does with whole models of the open project, beside choosing one: measuring, importing and exporting as jobs."""

from collections.abc import Sequence
from pathlib import Path

from annotator.domain.progress import Progress, Stop
from annotator.services.models.known.carry_model import export_model
from annotator.session.job.child_command import run_command
from annotator.session.job.job_board import Job
from annotator.session.session import Session

MEASURE, IMPORT, EXPORT = "measure models", "import model", "export model"
"""The kinds of their jobs."""


def start_measuring(session: Session, model_ids: Sequence[str] = ()) -> Job:
    """Measure models (none named: all) on the project's frozen frames; the project keeps the figures."""
    store = session.store

    def work(progress: Progress, stop: Stop) -> str:
        found = run_command(["models", "measure", str(store.path), *model_ids], stop, progress)
        return f"{len(found)} measured"

    return session.jobs.run(MEASURE, "Measure models", work, store.identity)


def start_importing(session: Session, folder: Path, name: str | None = None) -> Job:
    """Bring a model into the project, after it was checked; it is not active."""
    store = session.store
    named = [] if name is None else ["--id", name]

    def work(_progress: Progress, stop: Stop) -> str:
        found = run_command(["models", "import", str(store.path), str(folder), *named], stop)
        return f"{found['model']} is a model of the project"

    return session.jobs.run(IMPORT, f"Import model {folder.name}", work, store.identity)


def start_exporting(session: Session, model_id: str, folder: Path) -> Job:
    """Copy a model into a new folder."""
    store = session.store

    def work(_progress: Progress, _stop: Stop) -> str:
        with store.again(read_only=True) as own:
            return f"{model_id} is in {export_model(own, model_id, folder)}"

    return session.jobs.run(EXPORT, f"Export model {model_id}", work, store.identity)
