"""The one training loop, by Lightning Fabric: any network of the zoo, any source, one device or many.

A run owns a folder (events, checkpoint, curves) and ends in a model folder, also when it is stopped or its time is up.
"""

import copy
import time
from collections.abc import Iterator
from dataclasses import replace
from math import isfinite
from pathlib import Path
from typing import Any, cast

import torch
from lightning_fabric import Fabric
from torch import Tensor

from annotator.domain.progress import Stop, never
from annotator.nn.adc import AttentionDrivenCropping
from annotator.nn.compiled import compile_networks
from annotator.nn.device import choose_device, fast_type
from annotator.training.batches import Batch, batches
from annotator.training.config import Precision, TrainingConfig
from annotator.training.events import EventLog, OnEvent
from annotator.training.job import TrainingJob
from annotator.training.objective import Objective
from annotator.training.run_state import RunState, fingerprint, load_state, moving_average, save_state
from annotator.training.validate import Validation, validate
from annotator.training.weights import blended, choose_learning, initial_model, write_model

_REFRESH_STEPS = 200
_REPORT_SECONDS = 1.0


def usable_precision(wanted: Precision, device: torch.device) -> Precision:
    """The wanted precision, or `32-true` where the device has no fast arithmetic for it."""
    fast = fast_type(device) is not None if wanted == "bf16-mixed" else device.type == "cuda"
    return wanted if fast else "32-true"


def train(config: TrainingConfig, job: TrainingJob, on_event: OnEvent, stop: Stop = never) -> Path:
    """Trains, and returns the model's folder.

    Args:
        config: the recipe. With a parent, the parent's architecture counts and the recipe's `changes` apply to it.
        job: data and places.
        on_event: gets every event (see `events`), in this thread.
        stop: asked after each step; when true the run saves its state and its model and ends with the event `stopped`.

    Raises:
        ModelError: parent or checkpoint cannot be used. ValueError: there is no sample.
    """
    if not len(job.source):
        raise ValueError("there is nothing to train on: no sample has a known landmark")
    device = choose_device(job.device)
    fabric = Fabric(
        accelerator=device.type,
        devices=job.devices if device.index is None else [device.index],
        strategy=job.strategy,
        precision=usable_precision(config.precision, device),
    )
    fabric.launch()
    torch.manual_seed(config.seed)
    model, parent_id, description = initial_model(config, job)
    run = _Run(fabric, config, job, model, description)
    with EventLog(job.run_folder, on_event, curves=True, speaking=fabric.is_global_zero) as log:
        return run.execute(log, stop, parent_id)


class _Run:
    """The state of one call of `train`."""

    def __init__(
        self,
        fabric: Fabric,
        config: TrainingConfig,
        job: TrainingJob,
        model: AttentionDrivenCropping,
        description: dict[str, Any],
    ) -> None:
        self.fabric, self.config, self.job = fabric, config, job
        self.model, self.description = model, description
        # kept from the start: its folder may be gone when the run ends
        self._parent = copy.deepcopy(model) if job.parent is not None and config.blend != 1.0 else None
        choose_learning(model, config.parts)
        learning = [parameter for parameter in model.parameters() if parameter.requires_grad]
        optimizer = torch.optim.AdamW(learning, config.rate, weight_decay=config.weight_decay)
        self.objective, self.optimizer = fabric.setup(Objective(model, config), optimizer)
        self.average = moving_average(model, config.ema)
        self.averaged = cast(AttentionDrivenCropping, self.average.module)
        if job.compiled:
            compile_networks(model, fabric.device.type)
        self.precision = usable_precision(config.precision, fabric.device)
        self.fingerprint = fingerprint(config, description)
        # earlier versions named the precision of the device where it was another one
        narrowed = fingerprint(replace(config, precision=self.precision), description)
        known = (self.fingerprint, narrowed)
        self.state = load_state(job.run_folder, known, model, self.average, optimizer) or RunState()
        self._began = time.monotonic() - self.state.seconds
        self._saved = self._reported = time.monotonic()

    def execute(self, log: EventLog, stop: Stop, parent_id: str | None) -> Path:
        """Runs to the end of the steps or the time, or until stopped; always writes the model."""
        config, job = self.config, self.job
        log(
            {
                "event": "start",
                "folder": str(job.run_folder),
                "recipe": config.name,
                "step": self.state.step,
                "steps": config.steps,
                "minutes": config.minutes,
                "frames": len(job.source),
                "device": str(self.fabric.device),
                "precision": self.precision,
            }
        )
        before = self.state.before
        if before is None and job.parent is not None:
            before = self._validate(log).nme
        self.state = RunState(self.state.step, self._seconds(), before or {})
        stopped = self._steps(log, stop)
        self._save(log)  # first: whoever asked for the stop may not wait for what follows
        answer = blended(self.averaged, self._parent, config.blend)
        final = self._validate(log, answer)
        folder = job.model_folder
        if self.fabric.is_global_zero:
            write_model(answer, self.description, config, job, self.state, final, parent_id)
        self.fabric.barrier()
        log(
            {
                "event": "stopped" if stopped else "done",
                "model": str(folder),
                "step": self.state.step,
                "before": self.state.before,
                "after": final.nme,
            }
        )
        return folder

    def _steps(self, log: EventLog, stop: Stop) -> bool:
        """The loop itself; true where it was stopped from outside."""
        config = self.config
        feed = batches(
            config,
            self.job.scheme,
            self.job.source,
            self.state.step,
            self.fabric.global_rank,
            self.fabric.world_size,
        )
        try:
            while self._progress() < 1:
                self._step(*self._next(feed), log)
                if self._any(stop()):
                    return True
                if config.validate_every and self.state.step % config.validate_every == 0:
                    self._validate(log)
                if self.state.step % _REFRESH_STEPS == 0:
                    self.job.source.refresh()
                if time.monotonic() - self._saved > 60 * config.save_minutes:
                    self._save(log)
        finally:
            feed.close()  # type: ignore[attr-defined]
        return False

    def _next(self, feed: Iterator[tuple[int, Batch]]) -> tuple[int, Batch]:
        step, batch = next(feed)
        return step, batch.to(self.fabric.device)

    def _step(self, step: int, batch: Batch, log: EventLog) -> None:
        """One optimiser step."""
        config = self.config
        progress = self._progress()
        for group in self.optimizer.param_groups:
            group["lr"] = config.rate_at(progress)
        self.objective.train()
        seed = (config.seed * 1_000_003 + step) * self.fabric.world_size + self.fabric.global_rank
        self.optimizer.zero_grad(set_to_none=True)
        found = self._gradients(batch, config.phase_at(progress), seed)
        if config.clip:
            self.fabric.clip_gradients(self.objective, self.optimizer, max_norm=config.clip)
        self.optimizer.step()
        self.average.update_parameters(self.model)
        self.state = RunState(step + 1, self._seconds(), self.state.before)
        if time.monotonic() - self._reported > _REPORT_SECONDS or step == 0:
            self._reported = time.monotonic()
            values = {name: round(value.item(), 5) for name, value in found.items()}
            log(
                {
                    "event": "step",
                    "step": step + 1,
                    "steps": config.steps,
                    "seconds": round(self.state.seconds, 2),
                    "progress": round(progress, 5),
                    "rate": config.rate_at(progress),
                    **values,
                }
            )

    def _gradients(self, batch: Batch, phase: int, seed: int) -> dict[str, Tensor]:
        """Forward and backward of one batch; the losses."""
        if self.config.sequential and self.model.regions and self.config.parts in ("all", "regions"):
            with self.fabric.autocast():
                plain = cast(Objective, self.objective.module)
                apart = plain.backward_by_region(batch, phase, seed, self.fabric.backward)
            self._average_gradients()
            return apart
        found: dict[str, Tensor] = self.objective(
            batch.source_B3SS, batch.xy_BL2, batch.weight_BL, phase, seed
        )
        self.fabric.backward(found["loss"])
        return found

    def _average_gradients(self) -> None:
        """What a strategy does behind the wrapped module's forward, for backward passes that went round it."""
        if self.fabric.world_size == 1:
            return
        for parameter in self.model.parameters():
            if not parameter.requires_grad:
                continue
            own = parameter.grad if parameter.grad is not None else torch.zeros_like(parameter)
            parameter.grad = cast(Tensor, self.fabric.all_reduce(own, reduce_op="mean"))

    def _progress(self) -> float:
        """Share of the run that is done: by steps, or by the clock where that is further."""
        by_steps = self.state.step / self.config.steps
        if not self.config.minutes:
            return by_steps
        by_clock = torch.tensor(self._seconds() / (60 * self.config.minutes))
        # one clock for all devices, so that they agree on rate and end
        return max(by_steps, float(self.fabric.broadcast(by_clock)))

    def _any(self, asked: bool) -> bool:
        return bool(self.fabric.all_reduce(torch.tensor(float(asked)), reduce_op="sum"))

    def _seconds(self) -> float:
        return time.monotonic() - self._began

    def _validate(self, log: EventLog, module: AttentionDrivenCropping | None = None) -> Validation:
        """The frames' errors of a module, or of the average that the run keeps."""
        nothing = self.job.validation is None or not len(self.job.validation)
        if nothing or not self.fabric.is_global_zero:
            self.fabric.barrier()
            return Validation({}, "", 0.0, 0.0, 0.0, 0)
        assert self.job.validation is not None
        found = validate(
            module or self.averaged,
            self.job.scheme,
            self.job.validation,
            self.config.source,
            self.config.validation_frames,
            self.config.iterations,
            self.fabric.device,
            self.fabric.autocast,
        )
        log(
            {
                "event": "validation",
                "step": self.state.step,
                "nme": found.nme,
                "normaliser": found.normaliser,
                "frames": found.frames,
                "peak": round(found.peak, 4),
                "spread": round(found.spread, 3),
                "outside": round(found.outside, 4) if isfinite(found.outside) else None,
            }
        )
        self.fabric.barrier()
        return found

    def _save(self, log: EventLog) -> None:
        """The run's checkpoint."""
        self._saved = time.monotonic()
        if self.fabric.is_global_zero:
            save_state(
                self.job.run_folder, self.state, self.fingerprint, self.model, self.average, self.optimizer
            )
        log({"event": "saved", "step": self.state.step})
