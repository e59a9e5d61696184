"""Small charts as SVG text, enough for a report that opens anywhere without a plotting library.

All text that comes from outside (model ids, frame names) is escaped.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

PALETTE = ("#2f6fde", "#d9541e", "#2a9d62", "#9150c8", "#b8860b", "#c2185b", "#00838f", "#5d4037")
_WIDTH, _HEIGHT = 560, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 16, 42, 44


@dataclass(frozen=True)
class Axis:
    """One axis: its title and its range."""

    title: str
    low: float
    high: float

    def ticks(self, count: int = 5) -> list[float]:
        """Evenly spread tick values, both ends included."""
        return [self.low + (self.high - self.low) * i / count for i in range(count + 1)]


def line_chart(
    title: str,
    x: Axis,
    y: Axis,
    series: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    diagonal: bool = False,
) -> str:
    """Lines over two linear axes; `series` by legend name -> (x values, y values); values that are NaN break no line.

    `diagonal` draws the line y = x, against which a reliability curve is read.
    """
    parts = [_frame(title, x, y)]
    if diagonal:
        parts.append(_polyline([(x.low, x.low), (x.high, x.high)], x, y, "#999", dash="4 4"))
    for number, (name, (xs, ys)) in enumerate(series.items()):
        colour = PALETTE[number % len(PALETTE)]
        points = [(a, b) for a, b in zip(xs, ys, strict=True) if math.isfinite(a) and math.isfinite(b)]
        parts.append(_polyline(points, x, y, colour))
        parts.append(_legend(name, number, colour))
    return _svg(parts)


def bar_chart(title: str, unit: str, groups: Sequence[str], series: Mapping[str, Sequence[float]]) -> str:
    """Grouped bars from zero: one group a label, one bar a series; NaN draws no bar."""
    top = max((v for values in series.values() for v in values if math.isfinite(v)), default=1.0) or 1.0
    y = Axis(unit, 0.0, top * 1.1)
    x = Axis("", 0.0, float(max(len(groups), 1)))
    parts = [_frame(title, x, y, x_ticks=False)]
    width = 0.8 / max(len(series), 1)
    for number, (name, values) in enumerate(series.items()):
        colour = PALETTE[number % len(PALETTE)]
        parts.append(_legend(name, number, colour))
        for group, value in enumerate(values):
            if math.isfinite(value):
                parts.append(_bar(group + 0.1 + number * width, width, value, x, y, colour))
    for group, label in enumerate(groups):
        parts.append(_text(_px(group + 0.5, x), _HEIGHT - _BOTTOM + 16, label, "middle"))
    return _svg(parts)


def _px(value: float, axis: Axis) -> float:
    share = (value - axis.low) / ((axis.high - axis.low) or 1.0)
    return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)


def _py(value: float, axis: Axis) -> float:
    share = (value - axis.low) / ((axis.high - axis.low) or 1.0)
    return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)


def _svg(parts: Sequence[str]) -> str:
    body = "".join(parts)
    return f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" xmlns="http://www.w3.org/2000/svg" role="img">{body}</svg>'


def _text(x: float, y: float, text: str, anchor: str = "start", colour: str = "#333") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="11" fill="{colour}" text-anchor="{anchor}">{escape(text)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


def _polyline(points: Sequence[tuple[float, float]], x: Axis, y: Axis, colour: str, dash: str = "") -> str:
    coordinates = " ".join(f"{_px(a, x):.1f},{_py(b, y):.1f}" for a, b in points)
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<polyline points="{coordinates}" fill="none" stroke="{colour}" stroke-width="1.8"{dashes}/>'


def _bar(start: float, width: float, value: float, x: Axis, y: Axis, colour: str) -> str:
    left, top = _px(start, x), _py(value, y)
    across, tall = _px(start + width, x) - left, _py(0.0, y) - top
    label = _text(left + across / 2, top - 3, f"{value:.3g}", "middle")
    return f'<rect x="{left:.1f}" y="{top:.1f}" width="{across:.1f}" height="{tall:.1f}" fill="{colour}"/>{label}'


def _legend(name: str, number: int, colour: str) -> str:
    return _text(_LEFT + 10, _TOP + 16 + 14 * number, name, colour=colour)


def _frame(title: str, x: Axis, y: Axis, x_ticks: bool = True) -> str:
    """Title, axes, ticks and grid."""
    parts = [_text(_LEFT, 18, title)]
    for value in y.ticks():
        height = _py(value, y)
        parts.append(_line(_LEFT, height, _WIDTH - _RIGHT, height, "#e4e4e4"))
        parts.append(_text(_LEFT - 6, height + 4, f"{value:.3g}", "end"))
    if x_ticks:
        parts += [_text(_px(v, x), _HEIGHT - _BOTTOM + 16, f"{v:.3g}", "middle") for v in x.ticks()]
    parts.append(_line(_LEFT, _HEIGHT - _BOTTOM, _WIDTH - _RIGHT, _HEIGHT - _BOTTOM, "#333"))
    parts.append(_text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 8, x.title, "middle"))
    parts.append(_text(_LEFT, _TOP - 6, y.title, colour="#777"))
    return "".join(parts)
