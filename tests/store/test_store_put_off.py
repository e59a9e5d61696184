"""What follows from an edit in the other views may wait: nothing is shown that holds no longer, and nothing stays untold."""

from pathlib import Path

import numpy as np
import pytest
from consensus_values import own_proposal, rig, together

from annotator.domain import edits
from annotator.domain.model_card import ModelCard
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.uncertainty import Question
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore

MOMENT = (2, 3)
"""ada/left/9 and ada/right/9."""


@pytest.fixture
def later(store: ProjectStore, scheme: LandmarkScheme, tmp_path: Path) -> ProjectStore:
    """A moment whose cameras were asked, in a store that puts off what follows from edits."""
    store.models.add(ModelCard("m", scheme.id, {}), tmp_path)
    store.models.activate("m")
    (added,) = store.rigs.add(rig("ada/*"))
    store.proposals.save_all((i, own_proposal(scheme)) for i in (1, 2, 3, 4))
    store.consensus.save_all((i, together(scheme, rig_id=added.id)) for i in MOMENT)
    store.consensus.puts_off = True
    return store


def uncertain(store: ProjectStore) -> float:
    found = store.findings.get(2, "m", Question.UNCERTAIN)
    return 0.0 if found is None else found.score


def mean_confidence(store: ProjectStore) -> float:
    return {own.frame.id: own.mean_confidence for own in store.frames.list()}[2]


def move(store: ProjectStore) -> None:
    before = store.annotations.get(3)
    after = edits.apply(edits.move([1], np.array([[30.0, 40.0]])), before)[0]
    store.annotations.commit(Change(3, before, after, "Edit"))


def test_after_an_edit_it_counts_no_longer_at_once_and_is_told_later(later: ProjectStore) -> None:
    told, sure = uncertain(later), mean_confidence(later)
    move(later)
    shown = later.proposals.get(2, "m")
    assert shown is not None
    assert shown.xy[0, 0] == 100  # the model's own
    assert later.consensus.frame_ids("m", taken=True, stale=True) == set(MOMENT)
    assert (uncertain(later), mean_confidence(later)) == (told, sure)
    with later.again() as other:  # as after a crash: whoever comes next
        other.consensus.catch_up()
    assert uncertain(later) > 1
    assert mean_confidence(later) < sure
    assert later.consensus.frame_ids("m", taken=True, stale=True) == set(MOMENT)


def test_only_edits_are_put_off(later: ProjectStore) -> None:
    later.proposals.save(3, own_proposal(later.scheme, 101))
    assert uncertain(later) > 1


def test_what_a_killed_program_left_untold_is_told_when_the_project_is_opened(later: ProjectStore) -> None:
    told = uncertain(later)
    move(later)
    with later.again(read_only=True) as own:  # only looking tells nothing
        assert uncertain(own) == told
    with ProjectStore.open(later.path) as own:
        assert uncertain(own) > 1
        assert mean_confidence(own) == mean_confidence(later)
