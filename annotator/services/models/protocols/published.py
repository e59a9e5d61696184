"""Figures of papers, to be printed beside one's own. Source: Chandran et al., CVPR 2020, Tables 2 and 3, NME in %.

"full" of Table 2 is the mean over common counted twice and challenging once. What the tables do not say is left out.
"""

from collections.abc import Mapping

Rows = Mapping[str, Mapping[str, float]]


def _rows(columns: tuple[str, ...], table: Mapping[str, tuple[float, ...]]) -> Rows:
    return {name: dict(zip(columns, values, strict=True)) for name, values in table.items()}


IN_300W: Mapping[int, Rows] = {
    68: _rows(
        ("common", "challenging", "full, common twice"),
        {
            "MDM": (4.83, 10.14, 5.88),
            "SAN": (3.34, 6.6, 3.98),
            "DSRN": (4.12, 9.68, 5.21),
            "TS": (2.91, 5.91, 3.49),
            "ODN": (3.56, 6.67, 4.17),
            "ADC": (2.83, 7.04, 4.23),
        },
    ),
    51: _rows(("common", "challenging", "full, common twice"), {"ADC": (2.41, 5.68, 3.50)}),
}
"""Table 2 by number of points: 68, or the 51 without the jaw line."""

IN_300VW: Mapping[int, Rows] = {
    68: _rows(
        ("category 1", "category 2", "category 3"),
        {
            "SDM": (7.41, 6.18, 13.04),
            "CFSS": (7.68, 6.42, 13.67),
            "TSTN": (5.36, 4.51, 12.84),
            "FHR+STA": (4.40, 4.16, 5.96),
            "ADC": (4.17, 3.89, 7.28),
        },
    ),
    51: _rows(("category 1", "category 2", "category 3"), {"ADC": (3.66, 3.35, 6.65)}),
}
"""Table 3 by number of points."""

CATEGORIES: Mapping[str, tuple[int, ...]] = {
    "category 1": (
        *(114, 124, 125, 126, 150, 158, 401, 402, 505, 506, 507, 508, 509, 510, 511, 514, 515, 518),
        *(519, 520, 521, 522, 524, 525, 537, 538, 540, 541, 546, 547, 548),
    ),
    "category 2": (
        *(203, 208, 211, 212, 213, 214, 218, 224, 403, 404, 405, 406, 407, 408, 409, 412, 550, 551, 553),
    ),
    "category 3": (410, 411, 516, 517, 526, 528, 529, 530, 531, 533, 557, 558, 559, 562),
}
"""The test videos of 300-VW by their numbers: 31, 19 and 14; all others are for training."""
