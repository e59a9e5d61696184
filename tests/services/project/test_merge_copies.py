"""Two copies of a project that people worked on apart become the same again: nothing lost, twice as once, and undone."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from project_files import PATHS, L, project

from annotator.cli.main import main
from annotator.domain import edits
from annotator.domain.annotation import Annotation, Flag, ReviewState
from annotator.domain.capture import Frame
from annotator.domain.errors import ProjectError
from annotator.services.project.copies.merge_copies import merge_copies
from annotator.services.project.copies.merge_record import merge_conflicts, take_merge_back, taking
from annotator.services.project.queue.queues import Queue, read_queue
from annotator.store.adoption import entry_digest
from annotator.store.history.changes import Change
from annotator.store.people.decisions import Decision, Took
from annotator.store.project_store import ProjectStore


def random_edits(store: ProjectStore, user: str, seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    end = store.ledger.count() + count
    while store.ledger.count() < end:  # an edit that changes nothing is none
        frame_id = int(random.integers(1, len(PATHS) + 1))
        before = store.annotations.get(frame_id)
        some = random.choice(L, 4, replace=False)
        kind = random.integers(5)
        edit = (
            edits.move(some, random.uniform(0, 300, (4, 2))),
            edits.accept(before, some),
            edits.clear(some),
            edits.set_flags(before, some, Flag.OCCLUDED, bool(random.integers(2))),
            edits.set_review(ReviewState(int(random.integers(4)))),
        )[kind]
        after, _ = edits.apply(edit, before)
        store.annotations.commit(
            Change(frame_id, before, after, edit.label, float(random.uniform(0, 9)), "m", user)
        )


def states(store: ProjectStore) -> list[Annotation]:
    return [store.annotations.get(i) for i in range(1, len(PATHS) + 1)]


def history(store: ProjectStore) -> Counter[bytes]:
    return Counter(entry_digest(entry) for entry in store.ledger.entries())


def replayed(store: ProjectStore) -> list[Annotation]:
    last = store.ledger.entries()[-1].id
    ends = {entry.frame_id: entry.id for entry in store.ledger.entries()}
    return [store.annotations.at(i, ends.get(i, 0)) for i in range(1, len(PATHS) + 1) if last]


@pytest.fixture
def copies(tmp_path: Path) -> tuple[Path, Path]:
    with project(tmp_path, "a") as store:
        random_edits(store, "both", 0, 40)
        store.copy_to(tmp_path / "b.annotator")
    return tmp_path / "a.annotator", tmp_path / "b.annotator"


@pytest.mark.parametrize("seed", [1, 2])
def test_copies_edited_apart_by_500_edits_become_the_same(copies: tuple[Path, Path], seed: int) -> None:
    with ProjectStore.open(copies[0]) as a, ProjectStore.open(copies[1]) as b:
        random_edits(a, "anna", seed, 250)
        random_edits(b, "bo", seed + 100, 250)
        theirs, mine = history(b), history(a)
        first = merge_copies(a, b)
        assert first.entries == 250
        assert first.conflicts == len(merge_conflicts(a)) > 0
        assert not theirs - history(a), "nothing of the copy is lost"
        assert not mine - history(a), "nothing of the project is lost"
        merge_copies(b, a)
        assert states(a) == states(b)
        assert history(a) == history(b)
        assert replayed(a) == states(a), "the ledger leads to what is held"
        assert replayed(b) == states(b)
        before = history(a)
        assert merge_copies(a, b).entries == merge_copies(b, a).entries == 0
        assert history(a) == before


def test_merging_from_either_side_gives_the_same(copies: tuple[Path, Path], tmp_path: Path) -> None:
    with ProjectStore.open(copies[0]) as a, ProjectStore.open(copies[1]) as b:
        random_edits(a, "anna", 5, 100)
        random_edits(b, "bo", 6, 100)
        a.copy_to(tmp_path / "c.annotator")
        merge_copies(a, b)
        with ProjectStore.open(tmp_path / "c.annotator") as c:
            merge_copies(b, c)
        assert states(a) == states(b)
        merge_copies(a, b)
        merge_copies(b, a)
        assert states(a) == states(b)
        assert history(a) == history(b)


def edit(store: ProjectStore, frame_id: int, change: edits.Edit, user: str, at: str) -> None:
    before = store.annotations.get(frame_id)
    after, _ = edits.apply(change, before)
    store.annotations.commit(Change(frame_id, before, after, change.label, 3.5, "m", user, at=at))


def test_a_conflict_keeps_both_places_until_somebody_decides(copies: tuple[Path, Path]) -> None:
    with ProjectStore.open(copies[0]) as a, ProjectStore.open(copies[1]) as b:
        edit(a, 1, edits.move([2, 3], [[1, 1], [2, 2]]), "anna", "2030-01-01T10:00:00.000+00:00")
        edit(b, 1, edits.move([3, 4], [[7, 7], [8, 8]]), "bo", "2030-01-01T11:00:00.000+00:00")
        summary = merge_copies(a, b)
        assert (summary.frames, summary.entries, summary.conflicts) == (1, 1, 1)
        held = a.annotations.get(1)
        assert held.xy[[2, 3, 4]].tolist() == [[1, 1], [7, 7], [8, 8]]
        assert held.review is ReviewState.NEEDS_WORK
        (found,) = merge_conflicts(a)
        assert (found.mine.user, found.mine.x, found.theirs.user, found.theirs.x) == ("anna", 1 + 1, "bo", 7)
        entry = next(own for own in a.ledger.entries(1) if own.user == "bo")
        assert (entry.seconds, entry.model_id, entry.at.hour) == (3.5, "m", 11)
        edit(a, 1, edits.set_review(ReviewState.APPROVED), "anna", "2030-01-02T10:00:00.000+00:00")
        assert not merge_conflicts(a)


def test_a_merge_is_taken_back_and_stays_so(copies: tuple[Path, Path]) -> None:
    with ProjectStore.open(copies[0]) as a, ProjectStore.open(copies[1]) as b:
        random_edits(a, "anna", 8, 60)
        random_edits(b, "bo", 9, 60)
        before = states(a)
        merge_copies(a, b)
        edit(a, 1, edits.move([0], [[250, 250]]), "anna", "2030-01-01T10:00:00.000+00:00")
        assert take_merge_back(a)[1] > 0
        now = states(a)
        assert now[1:] == before[1:]
        assert now[0].xy[0].tolist() == [250, 250]
        assert np.array_equal(now[0].xy[1:], before[0].xy[1:], equal_nan=True)
        assert merge_copies(a, b).entries == 0
        with pytest.raises(ProjectError, match="no merge"):
            take_merge_back(a)


def test_frames_of_the_copy_come_along_and_other_sizes_are_refused(copies: tuple[Path, Path]) -> None:
    with ProjectStore.open(copies[0]) as a, ProjectStore.open(copies[1]) as b:
        b.frames.add([Frame(0, "new.jpg", "cy", "", "left", "", 400, 300)])
        edit(b, 5, edits.move([0], [[5, 5]]), "bo", "2030-01-01T10:00:00.000+00:00")
        edit(b, 2, edits.move([0], [[5, 5]]), "bo", "2030-01-01T10:00:00.000+00:00")
        b.annotations.resize(2, (800, 600), lambda own: own, "Resize", None, (2.0, 2.0))
        summary = merge_copies(a, b)
        assert (summary.frames, summary.frames_added) == (1, 1)
        assert list(summary.refused) == [PATHS[1]]
        assert a.annotations.get(a.frames.by_path()["new.jpg"]).xy[0].tolist() == [5, 5]


def test_what_is_no_copy_is_refused(copies: tuple[Path, Path], tmp_path: Path) -> None:
    with ProjectStore.open(copies[0]) as a, project(tmp_path, "other") as other:
        if other.created == a.created:
            pytest.skip("made in the same millisecond")
        with pytest.raises(ProjectError, match="no copy"):
            merge_copies(a, other)
        with pytest.raises(ProjectError, match="itself"):
            merge_copies(a, a)


def clash(copies: tuple[Path, Path], a: ProjectStore, b: ProjectStore) -> None:
    """Anna and Bo put landmark 3 elsewhere and decided the frame's review state otherwise; Bo was later."""
    edit(a, 1, edits.move([2, 3], [[1, 1], [2, 2]]), "anna", "2030-01-01T10:00:00.000+00:00")
    edit(b, 1, edits.move([3, 4], [[7, 7], [8, 8]]), "bo", "2030-01-01T11:00:00.000+00:00")
    edit(a, 1, edits.set_review(ReviewState.APPROVED), "anna", "2030-01-01T12:00:00.000+00:00")
    edit(b, 1, edits.set_review(ReviewState.REJECTED), "bo", "2030-01-01T13:00:00.000+00:00")
    merge_copies(a, b)


def test_conflicts_are_a_queue_and_leave_it_one_by_one(copies: tuple[Path, Path]) -> None:
    with ProjectStore.open(copies[0]) as a, ProjectStore.open(copies[1]) as b:
        clash(copies, a, b)
        (item,) = read_queue(a, Queue.CONFLICTS).items
        assert (item.frame.id, item.landmarks) == (1, (3,))
        name = a.scheme.names[3]
        assert item.reason.startswith(f"{name} and review state: anna and bo; approved (anna, 2030")
        landmark, review = merge_conflicts(a, 1)
        assert (landmark.landmark, review.landmark) == (name, None)
        assert merge_conflicts(a, 2) == []
        a.decisions.add([Decision(landmark.key, Took.MINE)])
        assert [each.landmark for each in merge_conflicts(a)] == [None]
        a.decisions.add([Decision(review.key, Took.NEITHER)])
        assert read_queue(a, Queue.CONFLICTS).why == "No conflict of merged copies waits."


def test_a_side_is_taken_as_it_was_set(copies: tuple[Path, Path]) -> None:
    with ProjectStore.open(copies[0]) as a, ProjectStore.open(copies[1]) as b:
        clash(copies, a, b)
        landmark, review = merge_conflicts(a, 1)
        for theirs, place in ((False, [2, 2]), (True, [7, 7])):
            value, _ = edits.apply(taking(a, landmark, theirs), a.annotations.get(1))
            assert value.xy[3].tolist() == place
        assert taking(a, review, theirs=True).review is ReviewState.REJECTED
        assert taking(a, landmark, theirs=True).label == f"Take bo's {a.scheme.names[3]}"


@pytest.mark.parametrize(("took", "place"), [("mine", [2, 2]), ("theirs", [7, 7]), ("neither", [7, 7])])
def test_the_command_line_takes_a_side_landmark_by_landmark(
    copies: tuple[Path, Path], capsys: pytest.CaptureFixture[str], took: str, place: list[int]
) -> None:
    with ProjectStore.open(copies[0]) as a, ProjectStore.open(copies[1]) as b:
        clash(copies, a, b)
        name, entries = a.scheme.names[3], a.ledger.count()
        held = a.annotations.get(1)
    asked = ["merge", str(copies[0]), "--conflicts", "--frame", PATHS[0]]
    assert main(["merge", str(copies[0]), "--take", took, str(copies[1])]) == 2
    assert main([*asked, "--landmark", "ear", "--take", took]) == 1
    assert main([*asked, "--landmark", name, "--take", took]) == 0
    capsys.readouterr()
    assert main([*asked, "--json"]) == 0
    assert [each["landmark"] for each in json.loads(capsys.readouterr().out)] == [None], (
        "the review state waits"
    )
    with ProjectStore.open(copies[0]) as a:
        now = a.annotations.get(1)
        assert now.xy[3].tolist() == place
        assert np.array_equal(np.delete(now.xy, 3, 0), np.delete(held.xy, 3, 0), equal_nan=True)
        assert a.ledger.count() == entries + (place != held.xy[3].tolist())
        assert [each.took for each in a.decisions.all()] == [Took(took)]
    assert main([*asked, "--take", "theirs"]) == 0
    with ProjectStore.open(copies[0]) as a:
        assert a.annotations.get(1).review is ReviewState.REJECTED
        assert not merge_conflicts(a)


@pytest.mark.parametrize("turned", [False, True])
def test_what_was_decided_in_a_copy_is_decided_here(
    copies: tuple[Path, Path], tmp_path: Path, turned: bool
) -> None:
    """The copy holds the same conflict, perhaps with the sides turned, as it was merged the other way round."""
    with ProjectStore.open(copies[0]) as a, ProjectStore.open(copies[1]) as b:
        edit(a, 1, edits.move([3], [[2, 2]]), "anna", "2030-01-01T10:00:00.000+00:00")
        edit(b, 1, edits.move([3], [[7, 7]]), "bo", "2030-01-01T11:00:00.000+00:00")
        (b if turned else a).copy_to(tmp_path / "c.annotator")
        a.copy_to(tmp_path / "as_it_was.annotator")
        merge_copies(a, b)
        with ProjectStore.open(tmp_path / "c.annotator") as c:
            with ProjectStore.open(tmp_path / "as_it_was.annotator") as as_it_was:
                merge_copies(c, as_it_was if turned else b)
            (here,), (there,) = merge_conflicts(a), merge_conflicts(c)
            assert (there.mine.user == here.mine.user) is not turned
            c.decisions.add([Decision(there.key, Took.MINE, "2030", "cem")])
            merge_copies(a, c)
            assert merge_conflicts(a) == []
            (decided,) = a.decisions.all()
            assert (decided.key, decided.user) == (here.key, "cem")
            assert decided.took is (Took.THEIRS if turned else Took.MINE)
