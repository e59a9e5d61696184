"""The training objective: runs the model on a batch and adds up the losses of its global and regional heatmaps."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from annotator.nn import losses
from annotator.nn.adc import AttentionDrivenCropping, shrink
from annotator.nn.attention_crop import jitter_boxes, to_unit
from annotator.nn.axis_logits import Stages, cells
from annotator.nn.outputs import GlobalOutput, RegionOutput
from annotator.nn.soft_argmax import soft_argmax
from annotator.training.batches import Batch
from annotator.training.config import LossName, Phase, TrainingConfig


class Objective(nn.Module):
    """Model and losses in one module, so that any of Fabric's strategies can wrap it."""

    def __init__(self, model: AttentionDrivenCropping, config: TrainingConfig) -> None:
        super().__init__()
        self.model = model
        self._config = config

    def forward(
        self, source_B3SS: Tensor, xy_BL2: Tensor, weight_BL: Tensor, phase: int, seed: int
    ) -> dict[str, Tensor]:
        """Losses of a batch, given as plain tensors (see `Batch`) because strategies convert what they pass on.

        Args:
            phase: number of the recipe's phase. seed: of this step's box noise.

        Returns:
            `global`, `regions` (absent in a holistic model) and their sum `loss`, scalars.
        """
        batch = Batch(source_B3SS, xy_BL2, weight_BL)
        now = self._config.phases[phase]
        side = batch.source_B3SS.shape[-1]
        overview, total = self._global(batch, now)
        found = {"global": total.detach()}
        if self.model.regions and self._config.parts in ("all", "regions"):
            boxes = self.choose_boxes(overview.xy_BL2 * side, batch, now, seed)
            answers = self.model.forward_regions(batch.source_B3SS, boxes)
            regional = self.regional_loss(answers, batch, now)
            found["regions"] = regional.detach()
            total = total + regional
        return {"loss": total, **found}

    def backward_by_region(
        self, batch: Batch, phase: int, seed: int, backward: Callable[[Tensor], None]
    ) -> dict[str, Tensor]:
        """Runs forward and backward one region after another: the gradients of `forward`, one network's activations at a time.

        The boxes are a leaf for the regions; what reaches them is handed on to the global network at the end.

        Args:
            backward: what runs a loss's backward pass. The others are as for `forward`, as is the result.
        """
        now = self._config.phases[phase]
        side = batch.source_B3SS.shape[-1]
        overview, total = self._global(batch, now)
        boxes = self.choose_boxes(overview.xy_BL2 * side, batch, now, seed)
        leaf = boxes.detach().requires_grad_(boxes.requires_grad)
        regional = boxes.new_zeros(())
        for number in range(len(self.model.regions)):
            answers = self.model.forward_regions(batch.source_B3SS, leaf[:, number : number + 1], [number])
            part = self.regional_loss(answers, batch, now)
            backward(part)
            regional = regional + part.detach()
        handed_on = (boxes * leaf.grad).sum() if leaf.grad is not None else 0.0
        if total.requires_grad:
            backward(total + handed_on)
        return {"loss": total.detach() + regional, "global": total.detach(), "regions": regional}

    def _global(self, batch: Batch, phase: Phase) -> tuple[GlobalOutput, Tensor]:
        """The global network's answer and its loss; without gradient where only the regions learn."""
        proxy = self.model.config.proxy
        with torch.set_grad_enabled(torch.is_grad_enabled() and self._config.parts != "regions"):
            frames = self._config.clips.frames
            overview = self.model.forward_global(shrink(batch.source_B3SS, proxy), frames)
            unit = batch.xy_BL2 / batch.source_B3SS.shape[-1]
            weight = torch.full_like(batch.weight_BL, self._config.outside_weight)
            weight[:, [i for region in self.model.regions for i in region]] = 1.0
            total = self._loss(overview.stages, unit, batch.weight_BL * weight, phase.losses, proxy)
            if frames > 1 and self._config.clips.steady:
                total = total + self._config.clips.steady * self._unsteady(overview, unit, batch, frames)
            return overview, total

    def _unsteady(self, overview: GlobalOutput, unit_BL2: Tensor, batch: Batch, frames: int) -> Tensor:
        """How far the points' motion from frame to frame is from the true one, in cells."""
        side = cells(overview.stages[-1])[1]
        reachable = losses.inside(unit_BL2, batch.weight_BL).unflatten(0, (-1, frames))
        found, true = (part.unflatten(0, (-1, frames)) * side for part in (overview.xy_BL2, unit_BL2))
        both = (reachable[:, 1:] * reachable[:, :-1]).flatten(0, 1)
        return losses.l1(found.diff(dim=1).flatten(0, 1), true.diff(dim=1).flatten(0, 1), both)

    def choose_boxes(self, own_xy_BL2: Tensor, batch: Batch, phase: Phase, seed: int) -> Tensor:
        """Boxes [B, R, 4] to train on: true ones, or the network's own for a share of the samples, with noise."""
        random = torch.Generator().manual_seed(seed)
        side = batch.source_B3SS.shape[-1]
        own = self.model.boxes(own_xy_BL2, side)
        known = (batch.weight_BL > 0)[..., None]
        # a missing landmark stands where the network thinks it is, so that its region keeps its size
        points = torch.where(known, torch.nan_to_num(batch.xy_BL2), own_xy_BL2.detach())
        true = self.model.boxes(points, side)
        mine = torch.rand(len(own), generator=random).to(own.device) < phase.own_boxes
        boxes = torch.where(mine[:, None, None], own, true)
        return jitter_boxes(boxes, self._config.size_noise, self._config.shift_noise, random)

    def regional_loss(self, answers: tuple[RegionOutput, ...], batch: Batch, phase: Phase) -> Tensor:
        """The answers' part of the mean over all regional landmarks."""
        side = batch.source_B3SS.shape[-1]
        total = batch.xy_BL2.new_zeros(())
        count = sum(len(region) for region in self.model.regions)
        for answer in answers:
            at = list(answer.indices)
            true = to_unit(batch.xy_BL2[:, None, at], answer.boxes_B4[:, None])[:, 0]
            share = len(at) / count
            if self._config.units == "paper":
                # Eq. 1: un-cropped points in source pixels, so that gradients may reach the boxes
                weight = losses.inside(true.detach(), batch.weight_BL[:, at])
                part = losses.l2(answer.xy_BK2, batch.xy_BL2[:, at], weight)
            else:
                part = self._loss(
                    answer.stages, true, batch.weight_BL[:, at], phase.regional or phase.losses, side
                )
            total = total + share * part
        return total

    def _loss(
        self,
        stages: Stages,
        true_BK2: Tensor,
        weight_BK: Tensor,
        wanted: dict[LossName, float],
        pixels: int,
    ) -> Tensor:
        """Sum over stages of the wanted losses; `true_BK2` in unit coordinates of the map."""
        total = true_BK2.new_zeros(())
        reachable = losses.inside(true_BK2, weight_BK)
        for logits in stages:
            for name, factor in wanted.items():
                if name in losses.MAP_LOSSES:
                    part = losses.MAP_LOSSES[name](logits, true_BK2, weight_BK, self._config.sigma)
                else:
                    point_loss, has_unit = losses.POINT_LOSSES[name]
                    scale = pixels if self._config.units == "paper" else cells(logits)[1]
                    unit = scale if has_unit else 1
                    part = point_loss(soft_argmax(logits) * unit, true_BK2 * unit, reachable)
                total = total + factor * part
        return total
