"""What a training run works on, beside its recipe."""

from dataclasses import dataclass
from pathlib import Path

from annotator.domain.scheme import LandmarkScheme
from annotator.training.source import SampleSource


@dataclass(frozen=True)
class TrainingJob:
    """What a run works on.

    Attributes:
        scheme: of the samples and the model. source: to learn from. validation: to measure on; None measures nothing.
        run_folder: for the run's own files; a checkpoint in it is resumed. model_folder: where the model goes.
        model_id: for its card. parent: model folder to start from; None starts from fresh weights.
        device: `auto`, `cpu`, `mps`, `cuda` or one of several, such as `cuda:1`. devices: how many of them.
        strategy: over several, as Lightning Fabric names it.
        compiled: translate the networks by torch.compile first: minutes of waiting, then faster steps.
    """

    scheme: LandmarkScheme
    source: SampleSource
    validation: SampleSource | None
    run_folder: Path
    model_folder: Path
    model_id: str
    parent: Path | None = None
    device: str = "auto"
    devices: int = 1
    strategy: str = "auto"
    compiled: bool = False
