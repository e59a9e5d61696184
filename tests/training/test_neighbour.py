"""A second face is pasted beside the taught one; what is taught stays exact and stays the first."""

from dataclasses import replace

import numpy as np
import pytest

from annotator.domain.scheme import LandmarkScheme
from annotator.training.augment import generator
from annotator.training.batches import make_batch
from annotator.training.neighbour import with_neighbour
from annotator.training.recipes import recipe
from annotator.training.source import Mixture

from .toys import toy_sample

SIDE = 200


def seen(seed: int = 1) -> object:
    """A small face in the middle of a black square."""
    item = toy_sample(seed, 80)
    image = np.zeros((SIDE, SIDE, 3), np.uint8)
    image[60:140, 60:140] = item.image
    return replace(item, image=image, xy=item.xy + 60)


def bright(seed: int = 2) -> object:
    """Another face, all white."""
    item = toy_sample(seed, 120)
    return replace(item, image=np.full_like(item.image, 255))


@pytest.mark.parametrize("number", range(8))
def test_another_face_stands_beside_ours(number: int) -> None:
    item = seen()
    both = with_neighbour(generator(3, number), item, bright())
    np.testing.assert_array_equal(both.xy, item.xy)
    np.testing.assert_array_equal(both.weight, item.weight)
    added = (both.image.astype(int) - item.image).max(-1) > 100
    assert added.sum() > 200
    rows, columns = np.nonzero(added)
    middle = np.array([columns.mean(), rows.mean()])
    own = (item.xy.min(0) + item.xy.max(0)) / 2
    assert np.linalg.norm(middle - own) > 0.6 * np.ptp(item.xy, axis=0).max()
    assert both.name == item.name


def test_it_repeats_and_leaves_its_samples_as_they_are() -> None:
    item, other = seen(), bright()
    before = item.image.copy()
    one, again = (with_neighbour(generator(3, 5), item, other) for _ in range(2))
    np.testing.assert_array_equal(one.image, again.image)
    np.testing.assert_array_equal(item.image, before)


def test_a_face_that_is_not_known_gets_none_and_is_none() -> None:
    item, unknown = seen(), replace(bright(), weight=np.zeros(5, np.float32))
    assert with_neighbour(generator(3, 1), item, unknown) is item
    assert with_neighbour(generator(3, 1), unknown, item) is unknown


def test_a_recipe_says_how_many_pictures_have_one(scheme: LandmarkScheme) -> None:
    class Two:
        def __len__(self) -> int:
            return 2

        def __getitem__(self, index: int) -> object:
            return (seen(1), bright(2))[index]

    source = Mixture([(Two(), 1.0)])
    config = replace(recipe("default"), batch=6, source=64)
    alone, none, many = (
        make_batch(replace(config, neighbours=share), scheme, source, 0).source_B3SS
        for share in (0.0, 0.0, 1.0)
    )
    assert alone.equal(none)
    assert not alone.equal(many)
    assert recipe("starter-crowd").neighbours == recipe("starter-crowd-outline").neighbours == 0.2
