"""Tables in resources/studio, expressions, looks, presets: what is shipped is whole, what is wrong is refused."""

import numpy as np
import pytest

from annotator.domain.schemes.scheme_file import load_scheme, parse_scheme
from annotator.studio.anchors.tables import anchors
from annotator.studio.dataset.jobs import RenderOptions, camera_names, capture_jobs
from annotator.studio.dataset.presets import HELD_OUT_LOOK, PRESETS, people, preset
from annotator.studio.errors import StudioError
from annotator.studio.light.lighting import MAX_LIGHTS, SETUPS, make_lighting
from annotator.studio.person.expressions import (
    SQUINT_LIMIT,
    blend,
    expression,
    expression_table,
    hard_expression,
    limited,
    mouth_table,
    random_expression,
    spell_out,
)  # fmt: skip
from annotator.studio.person.sequences import head_turn, talking_weights
from annotator.studio.scene.looks import draw_exposure, load_look, look_names


def test_twenty_four_expressions_and_neutral_is_nothing():
    assert len(expression_table()) == 24
    assert expression("neutral") == {}
    assert expression("smile")["arkit/mouthSmileLeft"] == expression("smile")["arkit/mouthSmileRight"] == 0.58
    assert "arkit/eyeBlinkRight" not in expression("wink_left")


def test_unknown_expressions_are_refused_with_the_names():
    with pytest.raises(StudioError, match="big_smile"):
        expression("grin")
    with pytest.raises(StudioError, match="noseWiggle"):
        spell_out({"noseWiggle": 1.0})


def test_squints_are_limited_together_and_a_closed_eye_is_not_wide():
    safe = limited(
        {
            "arkit/eyeSquintLeft": 1.0,
            "arkit/cheekSquintLeft": 1.0,
            "arkit/eyeWideLeft": 0.7,
            "arkit/jawOpen": 2.0,
        }
    )
    assert safe["arkit/eyeSquintLeft"] + safe["arkit/cheekSquintLeft"] == pytest.approx(SQUINT_LIMIT)
    assert safe["arkit/jawOpen"] == 1.0
    assert limited({"arkit/eyeBlinkLeft": 1.0, "arkit/eyeWideLeft": 1.0})["arkit/eyeWideLeft"] == 0.0


def test_random_expressions_differ_and_stay_in_range():
    mixes = [random_expression(np.random.default_rng(seed)) for seed in range(12)]
    assert all(0 <= weight <= 1 for mix in mixes for weight in mix.values())
    assert len({tuple(sorted(mix.items())) for mix in mixes}) == 12


def test_hard_expressions_hold_a_fifth_of_shut_eyes_and_a_fifth_of_mouths_at_their_limit():
    mixes = [hard_expression(np.random.default_rng(seed)) for seed in range(600)]
    assert all(0 <= weight <= 1 for mix in mixes for weight in mix.values())
    lids = np.array([max(mix.get(f"arkit/eyeBlink{side}", 0) for side in ("Left", "Right")) for mix in mixes])
    assert 0.17 < (lids > 0.55).mean() < 0.36  # with the shut eyes of random ones
    table = mouth_table()
    known = [
        any(
            all(mix.get(shape, 0) >= 0.7 * weight for shape, weight in limit.items())
            for limit in table.values()
        )
        for mix in mixes
    ]
    assert 0.17 < np.mean(known) < 0.4


def test_random_expressions_hold_full_ones_and_shut_eyes():
    mixes = [random_expression(np.random.default_rng(seed)) for seed in range(400)]
    shut = sum(
        min(mix.get(f"arkit/eyeBlink{side}", 0.0) for side in ("Left", "Right")) >= 0.8 for mix in mixes
    )
    assert 0.04 * 400 < shut < 0.18 * 400
    wide_open = sum(mix.get("arkit/jawOpen", 0.0) > 0.55 for mix in mixes)
    assert 0.01 * 400 < wide_open < 0.15 * 400


def test_blending_meets_both_ends():
    smile, frown = expression("smile"), expression("frown")
    assert {k: v for k, v in blend(smile, frown, 0.0).items() if v} == smile
    assert {k: v for k, v in blend(smile, frown, 1.0).items() if v} == frown


def test_talking_is_smooth_and_turns_slowly():
    frames = [talking_weights(5, frame) for frame in range(120)]
    jaw = np.array([weights.get("arkit/jawOpen", 0.0) for weights in frames])
    assert np.ptp(jaw) > 0.15
    assert np.abs(np.diff(jaw)).max() < 0.15
    yaw = np.array([head_turn(5, frame)[0] for frame in range(120)])
    assert np.abs(np.diff(yaw)).max() < 2.0


@pytest.mark.parametrize("name", ["studio-89@1", "studio-89@2", "ibug-68"])
def test_every_landmark_of_the_scheme_has_an_anchor(name):
    scheme = load_scheme(name)
    placed = anchors(scheme)
    assert [anchor.name for anchor in placed] == list(scheme.names)
    mirrored = {anchor.name for anchor in placed if anchor.mirrored}
    assert "eye_right_inner" in mirrored
    assert "eye_left_inner" not in mirrored


def with_third_eye():
    text = 'schema = 1\nname = "own"\nversion = 1\nregions = []\nlandmarks = [\n'
    text += '{ name = "chin", mirror = "chin" },\n{ name = "third_eye", mirror = "third_eye" },\n]\n'
    return parse_scheme(text)


def test_unplaced_landmarks_are_named():
    with pytest.raises(StudioError, match="third_eye"):
        anchors(with_third_eye())


@pytest.mark.parametrize("name", sorted(SETUPS))
def test_set_ups_fill_the_light_slots_and_light_the_face(name):
    lighting = make_lighting(name, np.random.default_rng(2))
    assert len(lighting.lights) == MAX_LIGHTS
    lit = [light.is_on for light in lighting.lights]
    assert lit == sorted(lit, reverse=True)
    assert any(lit)
    for light in lighting.lights[: sum(lit)]:
        np.testing.assert_allclose([light.u @ light.v, light.u @ light.u], [0, 1], atol=1e-6)


def test_looks_load_and_wrong_ones_say_why(tmp_path):
    assert {"studio-a", HELD_OUT_LOOK, "portrait"} <= set(look_names())
    for name in look_names():
        exposure = draw_exposure(load_look(name), 0.1, 1024, np.random.default_rng(0))
        assert exposure.gain > 0
    wrong = tmp_path / "mine.toml"
    wrong.write_text("lights = { candle = 1.0 }\nbackdrops = { plain = 1.0 }\n")
    with pytest.raises(StudioError, match="candle"):
        load_look(str(wrong))


def test_the_paper_set_keeps_train_and_test_apart():
    train, test = preset("paper-set"), preset("paper-test")
    assert (len(train.subjects), len(test.subjects)) == (24, 23)
    assert not set(train.subjects) & set(test.subjects)
    assert len(capture_jobs(train)) * len(camera_names(train)) == 24 * 24 * 8


def test_a_preset_shows_the_people_that_are_asked_for():
    training, shown = preset("training"), preset("samples")
    assert people("training", training, 200_000, 3).subjects == (200_000, 200_001, 200_002)
    assert people("training", training, None, 2).subjects == training.subjects[:2]
    assert people("training", training, None, 9_000).subjects == tuple(range(100_000, 109_000))
    assert len(people("validation", preset("validation"), 30_000, None).subjects) == 30
    assert people("samples", shown, None, 2).subjects == shown.subjects[:2]
    for first, count in ((5, None), (None, 4)):
        with pytest.raises(StudioError, match="one by one"):
            people("samples", shown, first, count)


@pytest.mark.parametrize(
    ("name", "first", "count", "whose"),
    [
        ("training", 900_010, 5, "validation"),
        ("training", 955_000, 6_000, "correction-loop"),
        ("validation", 100_100, 1, "training"),
        ("paper-test", 1_020, None, "paper-set"),
    ],
)
def test_nobody_is_both_learnt_from_and_judged_on(name, first, count, whose):
    with pytest.raises(StudioError, match=whose):
        people(name, preset(name), first, count)


def test_the_held_out_look_is_in_no_training_preset():
    for name in ("training", "hard"):
        assert HELD_OUT_LOOK not in PRESETS[name]().looks
    assert PRESETS["validation"]().looks == (HELD_OUT_LOOK,)


def test_jobs_of_a_sequence_share_their_chance():
    jobs = capture_jobs(RenderOptions((1,), ("talking",), takes=3))
    assert len({job.seed for job in jobs}) == 1
    assert [job.number for job in jobs] == [0, 1, 2]
    assert len({job.seed for job in capture_jobs(RenderOptions((1,), ("random",), takes=3))}) == 3


def test_what_models_are_judged_on_shows_nobody_from_training() -> None:
    parts = [
        set(PRESETS[name]().subjects)
        for name in ("training", "validation", "test-4096", "correction-loop", "samples")
    ]
    assert sum(map(len, parts)) == len(set().union(*parts))
    for name in ("test-4096", "correction-loop"):
        assert PRESETS[name]().looks == (HELD_OUT_LOOK,)
    assert PRESETS["test-4096"]().size == 4096
