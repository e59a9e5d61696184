"""What is believed of models, people, motion and pixels before a take is looked at."""

from dataclasses import dataclass, field

from annotator.takes.likeness import Likeness


@dataclass(frozen=True)
class Beliefs:
    """What is believed before anything is seen; lengths are shares of the face's size (`face_size`).

    Attributes:
        likeness: how a model's errors in two frames go together. human: how well a person places a point.
        alone: share of a model's variance by which landmarks flutter by themselves, rather than with the face (`settled`).
        fade: how much of what flutters in a model's error is left in the next frame; flutter: its share of the error's variance.
        least_noise, most_noise: of a proposal from frame to frame; measured between these. rest: how much a step differs from
        the one before where nothing happens. drift: by what the pixels' motion errs at least in each frame; bend: and which share
        of how far they moved otherwise than the rest of the face. doubt: expected error from which a point is unsure. freedom:
        degrees of Student's distribution that outliers are weighed by; rounds: how often.
    """

    likeness: Likeness = field(default_factory=Likeness)
    human: float = 0.0007
    alone: float = 0.3
    fade: float = 0.85
    flutter: float = 0.08
    least_noise: float = 0.0001
    most_noise: float = 0.0004
    rest: float = 0.0003
    drift: float = 0.0001
    bend: float = 0.3
    doubt: float = 0.0047
    freedom: float = 4.0
    rounds: int = 3
