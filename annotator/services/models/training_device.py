"""What a recipe becomes on the device at hand, alike for projects and for dataset folders."""

from dataclasses import replace

from annotator.domain.errors import AnnotatorError
from annotator.inference.device import choose_device, fast_type
from annotator.services.models.training_run import RunSettings
from annotator.training.config import TrainingConfig
from annotator.training.recipes import recipe


def fitting(config: TrainingConfig, device: str) -> TrainingConfig:
    """The configuration in float32 where the device only emulates narrow floats, which takes many times longer."""
    return replace(config, precision="32-true") if fast_type(choose_device(device)) is None else config


def configured(settings: RunSettings, device: str) -> TrainingConfig:
    """The recipe with the run's budgets; a run that is given steps but no minutes runs to its last step.

    Raises AnnotatorError for a budget where no network is trained.
    """
    config = fitting(replace(recipe(settings.recipe), seed=settings.seed), device)
    if config.parts == "shapes" and (settings.steps or settings.minutes):
        raise AnnotatorError(f"The recipe {config.name} takes seconds: leave out minutes and steps.")
    if settings.steps is not None:
        config = replace(config, steps=settings.steps, minutes=settings.minutes or 0.0)
    elif settings.minutes is not None:
        config = replace(config, minutes=settings.minutes, steps=max(config.steps, 100_000))
    return config
