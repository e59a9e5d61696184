"""From latent heatmaps to what a pane shows: softmax probability or the raw map, of one landmark or of all."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from annotator.domain.coords import apply_affine
from annotator.domain.proposal import Heatmap
from annotator.ui.common.colormaps import heat_image
from annotator.ui.common.view_options import HeatOptions, HeatScale, HeatSource


class HeatStack:
    """One network's heatmaps, each scaled to a peak of 1, with their maximum kept for "all landmarks"."""

    def __init__(self, heatmap: Heatmap) -> None:
        self.heatmap = heatmap
        self._maps: dict[HeatScale, NDArray[np.float32]] = {}
        self._all: dict[HeatScale, NDArray[np.float32]] = {}
        self._row = {int(index): row for row, index in enumerate(heatmap.indices)}

    def maps(self, scale: HeatScale) -> NDArray[np.float32]:
        """float32 [K, h, w] in 0..1: probability over its peak, the logits from least to most, or where entropy comes from."""
        if scale not in self._maps:
            logits = self.heatmap.logits.astype(np.float32)
            top = logits.max((1, 2), keepdims=True)
            if scale is HeatScale.PROBABILITY:
                self._maps[scale] = np.exp(logits - top)
            elif scale is HeatScale.ENTROPY:
                self._maps[scale] = self._surprise()
            else:
                bottom = logits.min((1, 2), keepdims=True)
                self._maps[scale] = (logits - bottom) / np.maximum(top - bottom, 1e-6)
        return self._maps[scale]

    def entropy(self, landmark: int) -> float:
        """Bits of the softmax of a landmark's map: 0 where it is sure, log2(h w) where it knows nothing; NaN without a map."""
        if landmark not in self._row:
            return float("nan")
        return float(self._bits(self.heatmap.logits[self._row[landmark]][None].astype(np.float32)).sum())

    def _surprise(self) -> NDArray[np.float32]:
        """What each cell adds to the entropy, over the most that one adds, dimmed by how sure the whole map is."""
        bits = self._bits(self.heatmap.logits.astype(np.float32))
        total = bits.sum((1, 2), keepdims=True)
        doubt = total / np.log2(bits[0].size)
        return np.asarray(bits / np.maximum(bits.max((1, 2), keepdims=True), 1e-9) * np.sqrt(doubt))

    @staticmethod
    def _bits(logits: NDArray[np.float32]) -> NDArray[np.float32]:
        """-p log2 p of the softmax over h and w of logits [K, h, w]."""
        weights = np.exp(logits - logits.max((1, 2), keepdims=True))
        share = weights / weights.sum((1, 2), keepdims=True)
        return np.asarray(-share * np.log2(np.maximum(share, 1e-30)), np.float32)

    def heat(self, options: HeatOptions, selected: Collection[int]) -> NDArray[np.float32] | None:
        """float32 [h, w] in 0..1 of the landmarks that the options ask for; None where none of them is here."""
        rows = [self._row[index] for index in selected if index in self._row]
        if options.source is HeatSource.SELECTED or (options.source is HeatSource.AUTO and rows):
            return np.asarray(self.maps(options.scale)[rows].max(0)) if rows else None
        if options.scale not in self._all:
            self._all[options.scale] = np.asarray(self.maps(options.scale).max(0))
        return self._all[options.scale]

    def image(self, options: HeatOptions, selected: Collection[int]) -> QImage | None:
        """The heat through contrast and colormap; None where there is nothing to show."""
        heat = self.heat(options, selected)
        if heat is None or not options.visible:
            return None
        return heat_image(heat**options.contrast, options.colormap, options.opacity)

    def modes(self, landmark: int, least: float = 0.1) -> NDArray[np.float64]:
        """The local maxima of a landmark's probability that reach ``least`` of the highest, highest first.

        Returns:
            float64 [M, 2] frame pixels: the mean of the probability in the 3x3 cells round each; [0, 2] if the
            landmark has no map here.
        """
        if landmark not in self._row:
            return np.empty((0, 2))
        heat = self.maps(HeatScale.PROBABILITY)[self._row[landmark]].astype(np.float64)
        height, width = heat.shape
        padded = np.pad(heat, 1)
        shifts = [padded[r : r + height, c : c + width] for r in range(3) for c in range(3)]
        around = np.stack(shifts)
        rows, columns = np.nonzero((heat >= around.max(0)) & (heat >= least))
        order = heat[rows, columns].argsort()[::-1]
        weights = around[:, rows[order], columns[order]]
        offsets = np.array([(c, r) for r in (-1, 0, 1) for c in (-1, 0, 1)], np.float64)
        steps = np.einsum("km,kd->md", weights, offsets) / weights.sum(0)[:, None]
        cells = np.stack([columns[order], rows[order]], 1) + 0.5 + steps
        return apply_affine(self.heatmap.frame_from_heatmap, cells)

    def has(self, landmark: int) -> bool:
        """True if the landmark has a map here."""
        return landmark in self._row

    def owns(self, selected: Collection[int]) -> bool:
        """True if one of the landmarks has a map here."""
        return any(index in self._row for index in selected)


def subdued(crop: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The crop darker and nearly grey, uint8 HxWx3, so that heat stands out on it."""
    grey = crop.astype(np.float32) @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    return np.rint(0.5 * grey[..., None] + 0.25 * crop).astype(np.uint8)
