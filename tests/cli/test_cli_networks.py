"""`annotator networks`: a table for people, JSON for machines."""

import json
from collections.abc import Callable
from typing import Any

Runner = Callable[..., Any]


def test_costs_are_told_with_the_machine(annotator: Runner) -> None:
    line = ("networks", "--only", "tiny", "--size", "64", "-n", "1", "--device", "cpu", "--quiet")
    told = annotator(*line)
    assert told.code == 0
    assert "tiny" in told.out
    assert "torch" in told.out
    figures = json.loads(annotator(*line, "--no-training", "--json").out)["figures"]
    assert figures[0]["cells"] == 16
    assert figures[0]["step_bytes"] is None
    assert annotator("networks", "--only", "nothing").code == 1
