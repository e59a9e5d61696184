"""Cuts of hair: how long, in which direction, how curled, how gathered."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Style:
    """A cut. Lengths in mm.

    `count` strands at full detail that follow `guides` locks; `back`, `down`, `side`, `out` weigh the directions of
    growth; `lift` stands off the skin; a lock winds round its path with radius `curl`, one turn in `pitch`; `clump` 0..1
    gathers the strands of a lock; `fill` is the share of `lift` that an opaque body under the strands fills; `stray` the
    share of loose strands; `fringe` lets hair fall before the brows; `parted` shows a line of skin at the parting;
    `fade` is the share by which the sides are shorter.
    """

    length: float
    count: int
    guides: int = 1300
    back: float = 1.0
    down: float = 0.2
    side: float = 0.0
    out: float = 0.1
    lift: float = 5.0
    curl: float = 0.0
    pitch: float = 16.0
    wave: float = 0.6
    clump: float = 0.5
    fill: float = 0.3
    stray: float = 0.04
    width: float = 0.10
    fringe: bool = False
    parted: bool = False
    fade: float = 0.0

    @property
    def lies(self) -> bool:
        """Whether it can be pressed flat, as curls cannot."""
        return self.curl <= 1.0 and self.fill < 1.0


STYLES: dict[str, Style | None] = {
    "bald": None,
    "buzz": Style(3.5, 26000, out=0.9, lift=4.0, width=0.06, clump=0.0),
    "receding": Style(24.0, 20000, back=1.0, out=0.25, lift=5.0),
    "crop": Style(17.0, 26000, back=-0.9, down=0.3, out=0.35, lift=6.0, clump=0.55, stray=0.02, fade=0.4),
    "short": Style(28.0, 26000, back=-0.4, side=0.5, out=0.3, lift=8.0, clump=0.6, fade=0.3),
    "quiff": Style(42.0, 26000, back=0.9, down=-0.5, out=0.7, lift=15.0, clump=0.6, fill=0.5, fade=0.65),
    "side_part": Style(58.0, 27000, back=0.55, down=0.1, side=1.0, lift=9.0, clump=0.5, parted=True, fill=0.4, fade=0.4),
    "swept": Style(85.0, 27000, back=1.0, side=0.12, lift=8.0, clump=0.4, stray=0.02),
    "tied": Style(75.0, 30000, back=1.1, down=-0.15, side=0.0, lift=3.0, clump=0.25, stray=0.015, wave=0.3),
    "medium": Style(165.0, 27000, back=0.45, down=0.9, side=1.0, lift=11.0, parted=True, clump=0.45),
    "bob": Style(175.0, 29000, back=0.3, down=1.3, side=1.0, lift=13.0, parted=True, clump=0.3, wave=0.4, stray=0.02),
    "long": Style(300.0, 28000, back=0.45, down=1.2, side=1.0, lift=12.0, parted=True, clump=0.5, wave=0.9),
    "wavy": Style(240.0, 26000, 800, back=0.4, down=1.1, side=1.0, lift=15.0, curl=3.5, pitch=42.0, clump=0.6, wave=2.0,
                  parted=True),
    "fringe": Style(70.0, 28000, back=-0.55, down=0.9, side=0.25, lift=9.0, fringe=True, clump=0.5),
    "long_fringe": Style(230.0, 29000, back=-0.1, down=1.3, side=0.55, lift=10.0, fringe=True, clump=0.4),
    "curly_short": Style(34.0, 15000, 900, back=-0.1, down=0.3, side=0.3, out=0.5, lift=11.0, curl=3.2, pitch=11.0,
                         clump=0.75, fill=0.7, width=0.11, wave=4.0),
    "curly": Style(105.0, 15000, 620, back=0.2, down=0.9, side=0.5, out=0.25, lift=22.0, curl=4.2, pitch=13.0, clump=0.8,
                   fill=0.7, width=0.11, wave=2.5, stray=0.06),
    "afro": Style(15.0, 22000, 2600, back=0.0, down=0.0, out=2.2, lift=46.0, curl=1.6, pitch=5.0, clump=0.45, fill=1.0,
                  width=0.09),
    "afro_short": Style(9.0, 24000, 3200, back=0.0, down=0.0, out=2.2, lift=13.0, curl=1.1, pitch=3.6, clump=0.4, fill=1.0,
                        width=0.08),
    "locs": Style(150.0, 12000, 170, back=0.35, down=0.9, side=0.6, out=0.2, lift=12.0, curl=0.7, pitch=9.0, clump=0.975,
                  fill=0.4, width=0.2, wave=2.0, stray=0.01),
}  # fmt: skip
