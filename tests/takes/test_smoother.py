"""The smoother: steps that were worked out by hand, and the same answer as one large least-squares problem."""

import numpy as np
import pytest

from annotator.domain.progress import Cancelled
from annotator.takes.smoother import Model, Seen, smooth, transition

EYE = np.eye(2)


def seen(frames: int, turns: np.ndarray | None = None, **given: np.ndarray) -> list[Seen]:
    """One landmark of which nothing is seen but what is given, each with variance 1 (keys 1e-8)."""
    nothing = np.full((frames, 1, 2), np.nan)
    one = np.tile(EYE, (frames, 1, 1, 1))
    values = {"key": nothing, "proposed": nothing, "step": nothing} | given
    return [
        Seen(values["key"], 1e-8 * one),
        Seen(values["proposed"], one, turns=one if turns is None else turns),
        Seen(values["step"], one, of_step=True),
    ]


def model(
    frames: int, acceleration: float = 0.0, fade: float = 0.0, pace: float = 1.0, origin: float = 0.0
) -> Model:
    return Model(np.full((frames, 1), acceleration), fade, 1000.0, pace, np.full((1, 2), origin))


def test_a_state_goes_on_by_its_step_and_acceleration_moves_both() -> None:
    move, noise = transition(1, np.array([2.0]), 0.5)
    np.testing.assert_allclose(move @ [1, 2, 3, 4, 5, 6], [4, 6, 3, 4, 2.5, 3])
    np.testing.assert_allclose(noise[0, :4:2, :4:2], [[2, 2], [2, 2]])
    np.testing.assert_allclose(noise[0, 4:, 4:], 0.75 * EYE)
    # over two frames w1 counts twice in the place: p = w1 + (w1 + w2)
    move, noise = transition(2, np.array([2.0]), 0.5)
    np.testing.assert_allclose(move[0, :4:2], [1, 2])
    np.testing.assert_allclose(noise[0, 0, 0], 2 * (4 + 1))
    np.testing.assert_allclose(move[4:, 4:], 0.25 * EYE)


def test_between_two_keys_a_landmark_goes_straight() -> None:
    key = np.full((5, 1, 2), np.nan)
    key[0, 0], key[4, 0] = (10, 20), (18, 16)
    path = smooth(np.arange(5), seen(5, key=key), model(5, acceleration=0.01, pace=100.0))
    np.testing.assert_allclose(path.place[:, 0], np.linspace((10, 20), (18, 16), 5), atol=1e-3)
    assert path.covariance[0, 0, 0, 0] == pytest.approx(0, abs=1e-6)
    assert path.covariance[2, 0, 0, 0] > path.covariance[1, 0, 0, 0] > 1e-3


def test_a_gap_takes_its_time() -> None:
    key = np.full((3, 1, 2), np.nan)
    key[0, 0], key[2, 0] = (0, 0), (10, 0)
    path = smooth(np.array([1, 2, 11]), seen(3, key=key), model(3, acceleration=1e-6, pace=100.0))
    np.testing.assert_allclose(path.place[1, 0], (1, 0), atol=1e-2)


def test_steps_carry_a_key_on() -> None:
    key = np.full((4, 1, 2), np.nan)
    key[0, 0] = (5, 5)
    step = np.full((4, 1, 2), np.nan)
    step[1:, 0] = [(1, 0), (2, 0), (-1, 3)]
    path = smooth(np.arange(4), seen(4, key=key, step=step), model(4, acceleration=1e6, pace=1e3))
    np.testing.assert_allclose(path.place[:, 0], [(5, 5), (6, 5), (8, 5), (7, 8)], atol=1e-2)


def test_the_answer_is_that_of_one_least_squares_problem() -> None:
    """Four frames with proposals, a key and steps: the smoother gives what solving for all states at once gives."""
    frames, fade, pull, pace, start = 4, 0.6, 0.5, 3.0, 1000.0
    random = np.random.default_rng(3)
    proposed, step = random.normal(50, 5, (frames, 1, 2)), random.normal(0, 2, (frames, 1, 2))
    step[0] = np.nan
    key = np.full((frames, 1, 2), np.nan)
    key[2, 0] = (52.0, 49.0)
    turns = random.normal(0, 1, (frames, 1, 2, 2))
    given = seen(frames, proposed=proposed, step=step, key=key, turns=turns)
    believed = Model(np.full((frames, 1), pull), fade, start, pace, proposed[0])
    path = smooth(np.arange(frames), given, believed)

    rows, values = [], []

    def say(terms: dict[tuple[int, int], np.ndarray], value: np.ndarray, sigma: float) -> None:
        row = np.zeros((2, 6 * frames))
        for (frame, part), block in terms.items():
            row[:, 6 * frame + 2 * part : 6 * frame + 2 * part + 2] += block
        rows.append(row / sigma)
        values.append(np.asarray(value) / sigma)

    say({(0, 0): EYE}, proposed[0, 0], start)  # where the smoother begins: at the first proposal
    say({(0, 1): EYE}, np.zeros(2), pace)
    say({(0, 2): EYE}, np.zeros(2), 1.0)
    for frame in range(frames):
        say({(frame, 0): EYE, (frame, 2): turns[frame, 0]}, proposed[frame, 0], 1.0)
        if frame:
            say({(frame, 1): EYE}, step[frame, 0], 1.0)
            say({(frame, 1): EYE, (frame - 1, 1): -EYE}, np.zeros(2), np.sqrt(pull))
            say({(frame, 0): EYE, (frame - 1, 0): -EYE, (frame, 1): -EYE}, np.zeros(2), 1e-6)
            say({(frame, 2): EYE, (frame - 1, 2): -fade * EYE}, np.zeros(2), np.sqrt(1 - fade**2))
    say({(2, 0): EYE}, key[2, 0], 1e-4)
    states = np.linalg.lstsq(np.concatenate(rows), np.concatenate(values), rcond=None)[0].reshape(
        frames, 3, 2
    )
    np.testing.assert_allclose(path.place[:, 0], states[:, 0], atol=1e-4)
    np.testing.assert_allclose(path.step[:, 0], states[:, 1], atol=1e-4)
    np.testing.assert_allclose(path.bias[0, :, 0], states[:, 2], atol=1e-4)


def test_groups_of_landmarks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(1)
    proposed = random.normal(0, 5, (6, 3, 2))
    nothing, one = np.full((6, 3, 2), np.nan), np.tile(EYE, (6, 3, 1, 1))
    given = [Seen(proposed, one, turns=one), Seen(nothing, one, of_step=True)]
    believed = Model(np.full((6, 3), 0.1), 0.5, 100.0, 1.0, proposed[0])
    whole = smooth(np.arange(6), given, believed)
    monkeypatch.setattr("annotator.takes.smoother._GROUP_BYTES", 1)
    single = smooth(np.arange(6), given, believed)
    np.testing.assert_allclose(single.place, whole.place)
    np.testing.assert_allclose(single.covariance, whole.covariance)


def test_places_in_space_are_seen_by_two_pictures() -> None:
    """One picture sees x and y, the other z and y: three numbers by four, y by both."""
    frames = 3
    front = np.array([[1.0, 0, 0], [0, 1, 0]])
    side = np.array([[0.0, 0, 1], [0, 1, 0]])
    one = np.tile(EYE, (frames, 1, 1, 1))
    given = [
        Seen(np.tile([[(1.0, 2.0)]], (frames, 1, 1)), one, along=np.tile(front, (frames, 1, 1, 1))),
        Seen(np.tile([[(3.0, 4.0)]], (frames, 1, 1)), one, along=np.tile(side, (frames, 1, 1, 1))),
    ]
    still = Model(np.full((frames, 1), 1e-12), 0.0, 1000.0, 1e-6, np.zeros((1, 3)))
    path = smooth(np.arange(frames), given, still)
    np.testing.assert_allclose(path.place[:, 0], [(1, 3, 3)] * frames, atol=1e-4)
    # three frames of variance 1; y by six measurements
    np.testing.assert_allclose(np.diagonal(path.covariance[1, 0]), (1 / 3, 1 / 6, 1 / 3), rtol=1e-3)
    assert path.bias.shape == (0, frames, 1, 2)


def test_each_source_has_an_error_of_its_own() -> None:
    """Two proposals of variance 1 whose errors last: their difference is theirs, the place between them is ours."""
    frames = 4
    one, exact = np.tile(EYE, (frames, 1, 1, 1)), 1e-6 * np.tile(EYE, (frames, 1, 1, 1))
    given = [
        Seen(np.tile([[(x, 0.0)]], (frames, 1, 1)), exact, turns=one, source=source)
        for source, x in enumerate((0.0, 2.0))
    ]
    path = smooth(
        np.arange(frames), given, Model(np.full((frames, 1), 1e-9), 0.999, 1e3, 1e-3, np.zeros((1, 2)))
    )
    np.testing.assert_allclose(path.place[:, 0], [(1, 0)] * frames, atol=1e-2)
    np.testing.assert_allclose(path.bias[:, 2, 0], [(-1, 0), (1, 0)], atol=1e-2)


def test_smoothing_can_be_stopped() -> None:
    with pytest.raises(Cancelled):
        smooth(np.arange(5), seen(5), model(5), stop=lambda: True)
