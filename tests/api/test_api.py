"""What scripts rely on: queries, layers, edits with the ledger, and that the import is cheap."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from blank_model import blank_model
from project_files import IBUG, L, project

import annotator
from annotator.domain import edits
from annotator.domain.model_card import ModelCard
from annotator.domain.proposal import Proposal
from annotator.domain.takes.track import Merge, Track
from annotator.services.project.people.approval import set_approval
from annotator.store.history.changes import Change, Origin
from annotator.store.project_store import ProjectStore
from annotator.store.sequences.tracks import TrackRun

MOUTH = "mouth"


def proposal(confidence: float, at: float = 10.0) -> Proposal:
    xy = np.full((L, 2), at, np.float32)
    spread = np.tile(np.eye(2, dtype=np.float32), (L, 1, 1))
    rois = np.zeros((0, 4), np.float32)
    return Proposal("m", IBUG.id, xy, spread, np.full(L, confidence, np.float32), rois, xy, spread)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[annotator.Project]:
    """Four frames; the model is sure of the first two."""
    with project(tmp_path) as store:
        store.models.add(ModelCard("m", IBUG.id, {}), tmp_path / "m")
        store.models.activate("m")
        store.proposals.save_all([(i, proposal(0.95 if i < 3 else 0.6)) for i in (1, 2, 3, 4)])
    with annotator.open(tmp_path / "p.annotator") as found:
        yield found


def test_the_import_loads_nothing() -> None:
    heavy = "('numpy', 'torch', 'sqlalchemy', 'annotator.api')"
    code = f"import sys, annotator; annotator.__version__; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_name_is_there() -> None:
    assert all(getattr(annotator, name) is not None for name in annotator.__all__)
    with pytest.raises(AttributeError):
        _ = annotator.nothing  # type: ignore[attr-defined]
    assert (Path(annotator.__file__).parent / "py.typed").is_file()


def test_frames_are_found_by_all_conditions(opened: annotator.Project) -> None:
    assert [f.name for f in opened.frames(subject="anna")] == ["anna/left.jpg", "anna/right.jpg"]
    assert len(opened.frames(subject=["anna", "bo"], camera="left")) == 2
    unsure = opened.frames(region=MOUTH, confidence_below=0.9)
    assert [frame.id for frame in unsure] == [3, 4]
    opened.frame(3).set(dict.fromkeys(unsure[0].shown().where(region=MOUTH), (5.0, 6.0)))
    assert opened.frames(region=MOUTH, confidence_below=0.9).ids == (4,)
    opened.frame(4).set_review("approved")
    assert opened.frames(review="approved").ids == (4,)
    assert opened.frames(touched=True).ids == (3,)


@pytest.mark.parametrize(
    "query", [{"region": "elbow"}, {"landmark": "x"}, {"review": "great"}, {"confidence_below": 2}]
)
def test_a_wrong_query_says_so(opened: annotator.Project, query: dict[str, object]) -> None:
    with pytest.raises(annotator.AnnotatorError):
        opened.frames(**query)  # type: ignore[arg-type]


def test_layers_lie_over_each_other(opened: annotator.Project, tmp_path: Path) -> None:
    names = opened.landmarks
    xy = np.full((L, 2), np.nan, np.float32)
    xy[:2] = 30
    state = np.where(np.isfinite(xy[:, 0]), 1, 0).astype(np.uint8)
    spread = np.tile(np.eye(2, dtype=np.float32), (L, 1, 1))
    with ProjectStore.open(opened.path) as store:
        track = Track(IBUG.id, xy, spread, state, np.zeros(L, np.int32))
        store.tracks.write(TrackRun("t", "anna", "", "left"), {1: track}, Merge.FILL)
    frame = opened.frame("anna/left.jpg")
    frame.set({names[0]: (1.0, 2.0)})
    shown = frame.shown()
    assert [shown[name].state for name in names[:3]] == ["corrected", "tracked", "proposed"]
    assert (shown[names[0]].x, shown[names[1]].x, shown[names[2]].x) == (1.0, 30.0, 10.0)
    assert shown[names[0]].confidence is None
    assert shown[names[2]].confidence == pytest.approx(0.95)
    assert list(frame.human()) == [names[0]]
    assert len(frame.tracked()) == 2
    assert len(frame.proposed()) == L
    assert not frame.proposed("another")
    assert [len(points) for _, points in opened.frames().points("human")] == [1, 0, 0, 0]


def test_an_edit_has_its_entry_and_people_win(opened: annotator.Project) -> None:
    first, second = opened.landmarks[:2]
    frame = opened.frame(1)
    done = frame.set({first: (3.0, 4.0)}, label="From the vendor", user="vera")
    assert done.changed == (first,)
    entry = frame.history()[-1]
    assert (entry.id, entry.user, entry.label, entry.model_id) == (
        done.ledger_id,
        "vera",
        "From the vendor",
        "m",
    )
    assert entry.origin is Origin.IMPORT
    again = frame.set({first: (9.0, 9.0), second: (5.0, 5.0)})
    assert (again.changed, again.kept) == ((second,), (first,))
    assert frame.human()[first].x == 3.0
    assert frame.clear([first]).kept == (first,)
    assert frame.set({first: (9.0, 9.0)}, overwrite=True).changed == (first,)
    assert frame.clear([first], overwrite=True).changed == (first,)
    assert frame.shown()[first].state == "proposed"
    assert frame.flag([second], "occluded").changed == (second,)
    assert frame.shown()[second].occluded
    assert len(frame.accept([first]).changed) == 1
    assert frame.shown()[first].state == "confirmed"
    assert frame.accept([first]).ledger_id == 0


def test_a_place_that_is_none_changes_nothing(opened: annotator.Project) -> None:
    for place in ((float("nan"), 1.0), (1e12, 1.0)):
        with pytest.raises(annotator.AnnotatorError):
            opened.frame(1).set({opened.landmarks[0]: place})
    with pytest.raises(annotator.AnnotatorError):
        opened.frame(1).set({"elbow": (1.0, 1.0)})
    assert not opened.ledger()


def test_an_export_holds_the_selection_alone(opened: annotator.Project, tmp_path: Path) -> None:
    found = opened.frames(region=MOUTH, confidence_below=0.9)
    report = found.export(tmp_path / "mouth.json", "coco", region=MOUTH, confidence_below=0.9)
    in_mouth = len(opened.frame(3).shown().where(region=MOUTH))
    assert (report.written.frames, report.written.landmarks) == (2, 2 * in_mouth)
    filters = json.loads(report.manifest.read_text())["filters"]
    assert filters["frames"] == [3, 4]


def test_a_queue_gives_frames_with_reasons(opened: annotator.Project) -> None:
    entries = opened.queue("uncertain")
    assert entries
    assert entries[0].frame.id in (3, 4)
    assert set(entries[0].landmarks) <= set(opened.landmarks)
    with pytest.raises(annotator.AnnotatorError):
        opened.queue("nothing")


def test_a_copy_is_merged(opened: annotator.Project, tmp_path: Path) -> None:
    first = opened.landmarks[0]
    with ProjectStore.open(opened.path) as store:
        store.copy_to(tmp_path / "copy.annotator")
    with annotator.open(tmp_path / "copy.annotator") as copy:
        copy.frame(1).set({first: (5.0, 5.0)}, user="vera")
    assert opened.merge(tmp_path / "copy.annotator").entries == 1
    assert opened.frame(1).human()[first].x == 5.0
    assert opened.frame(1).history()[-1].user == "vera"
    assert not opened.conflicts()


def test_work_is_assigned_and_people_are_held_against_each_other(opened: annotator.Project) -> None:
    (row,) = opened.assign("vera", subject="anna")
    assert (row.title, row.assignment.people, row.frames) == ("anna", ("vera",), 2)
    assert [frame.id for frame in opened.frames(person="vera")] == [1, 2]
    assert [frame.id for frame in opened.frames(person="")] == [3, 4]
    opened.assign(["otto"], frames=opened.frames(subject="bo", camera="left"), user="lead")
    assert [frame.id for frame in opened.frames(person="OTTO")] == [3]
    assert opened.assign((), subject="anna")[0].title == "bo/left.jpg"
    with pytest.raises(annotator.AnnotatorError, match="no subject 'cy'"):
        opened.assign("vera", subject="cy")
    assert opened.agreement() == [], "what scripts set is no work by hand"


def test_a_script_may_not_approve_what_its_person_marked(opened: annotator.Project, tmp_path: Path) -> None:
    with ProjectStore.open(tmp_path / "p.annotator") as store:
        before = store.annotations.get(1)
        after, _ = edits.apply(edits.move([0], [[1, 1]]), before)
        store.annotations.commit(Change(1, before, after, "Move", user="ann"))
        set_approval(store, "apart")
    with pytest.raises(annotator.AnnotatorError, match="somebody else approves"):
        opened.frame(1).set_review("approved", user="ann")
    assert opened.frame(1).review == "unreviewed"
    assert opened.frame(1).set_review("approved", user="ben").ledger_id


def test_models_are_noted_exported_imported_and_deleted(opened: annotator.Project, tmp_path: Path) -> None:
    made = blank_model(tmp_path, IBUG)
    assert opened.import_model(made) == "blank"
    opened.note_model("blank", "from the vendor")
    newest, *_ = opened.registry()
    assert (newest.id, newest.note, newest.active) == ("blank", "from the vendor", False)
    assert (opened.export_model("blank", tmp_path / "out") / "model.toml").is_file()
    with pytest.raises(annotator.AnnotatorError, match="it is the active model"):
        opened.delete_model("m")
    opened.delete_model("blank")
    assert opened.models == ("m",)
