"""A subject that talks and turns: smooth expressions and head motion over time, for takes of many frames."""

from __future__ import annotations

import numpy as np

from annotator.studio.person.expressions import Weights, limited

FRAMES_A_SECOND = 24
_SYLLABLES_A_SECOND = 3.6
LOOKS_A_SECOND, SACCADE_FRAMES = 1.1, 3
_VISEMES: tuple[Weights, ...] = (
    {"jawOpen": 0.05, "mouthPressLeft": 0.35, "mouthPressRight": 0.35},
    {"jawOpen": 0.45},
    {"jawOpen": 0.22, "mouthSmileLeft": 0.3, "mouthSmileRight": 0.3, "mouthStretchLeft": 0.2, "mouthStretchRight": 0.2},
    {"jawOpen": 0.28, "mouthFunnel": 0.6},
    {"jawOpen": 0.12, "mouthPucker": 0.7},
    {"jawOpen": 0.10, "mouthRollLower": 0.35, "mouthUpperUpLeft": 0.2, "mouthUpperUpRight": 0.2},
)  # fmt: skip


def _ease(share: float) -> float:
    return share * share * (3 - 2 * share)


def _drift(seed: int, channel: int, seconds: float, pace: float) -> float:
    """A smooth random curve of about -1..1."""
    phase = np.random.default_rng([seed, 41, channel]).uniform(0, 2 * np.pi, 3)
    waves = [
        np.sin(2 * np.pi * pace * factor * seconds + phase[i]) / (i + 1)
        for i, factor in enumerate((1.0, 1.7, 3.1))
    ]
    return float(sum(waves) / 1.4)


def talking_weights(seed: int, frame: int) -> Weights:
    """Expression of frame `frame`: visemes that flow into each other, blinks, restless brows."""
    seconds = frame / FRAMES_A_SECOND
    place = seconds * _SYLLABLES_A_SECOND
    step, share = int(place), _ease(place - int(place))
    weights: Weights = {}
    for number, amount in ((step, 1 - share), (step + 1, share)):
        rng = np.random.default_rng([seed, 42, number])
        loud = rng.uniform(0.5, 1.0)
        for name, weight in _VISEMES[int(rng.integers(len(_VISEMES)))].items():
            weights[f"arkit/{name}"] = weights.get(f"arkit/{name}", 0.0) + amount * loud * weight
    every = np.random.default_rng([seed, 43]).uniform(2.4, 4.5)
    since = seconds % every
    blink = max(0.0, 1 - abs(since - 0.11) / 0.11) if seconds >= every else 0.0
    for side in ("Left", "Right"):
        weights[f"arkit/eyeBlink{side}"] = _ease(blink)
        weights[f"arkit/browOuterUp{side}"] = max(0.0, 0.35 * _drift(seed, 1, seconds, 0.35))
    weights["arkit/browInnerUp"] = max(0.0, 0.4 * _drift(seed, 2, seconds, 0.3))
    return limited(weights)


def head_turn(seed: int, frame: int) -> tuple[float, float, float]:
    """Yaw, pitch and roll of the head in degrees at frame `frame`: slow turns, and the small quick nods of speech."""
    seconds = frame / FRAMES_A_SECOND
    return (
        14.0 * _drift(seed, 3, seconds, 0.11),
        5.0 * _drift(seed, 4, seconds, 0.17) + 1.2 * _drift(seed, 6, seconds, 0.9),
        3.5 * _drift(seed, 5, seconds, 0.13),
    )


def camera_shake(seed: int, camera: int, frame: int) -> tuple[float, float, float]:
    """What a hand does to a camera, about -1..1: to the side, down, and its roll; a slow sway and a quick tremor."""
    seconds, channel = frame / FRAMES_A_SECOND, 100 + 10 * camera
    sway = [_drift(seed, channel + axis, seconds, 0.45) for axis in range(3)]
    tremor = [_drift(seed, channel + 3 + axis, seconds, 2.1) for axis in range(3)]
    x, y, roll = (0.8 * slow + 0.2 * quick for slow, quick in zip(sway, tremor, strict=True))
    return x, y, roll


def gaze(seed: int, frame: int) -> tuple[float, float]:
    """Gaze in radians: quick turns of `SACCADE_FRAMES` frames between places that are held for about a second."""
    place = frame / FRAMES_A_SECOND * LOOKS_A_SECOND
    hold = int(place)
    share = _ease(min(1.0, (place - hold) * FRAMES_A_SECOND / LOOKS_A_SECOND / SACCADE_FRAMES))
    before, after = (
        np.random.default_rng([seed, 44, at]).normal(0, (0.10, 0.05)) for at in (max(0, hold - 1), hold)
    )
    yaw, pitch = before + share * (after - before)
    return float(yaw), float(pitch)
