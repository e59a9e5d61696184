"""Stands in for `annotator train` and `learn-convention`: events on stdout and in a run folder, stop by a line on stdin."""

import json
import os
import select
import sys
from pathlib import Path


def main() -> int:
    print("a line that is no event")
    print("loading", file=sys.stderr)
    run = Path(sys.argv[2]).with_suffix(".run")
    run.mkdir(exist_ok=True)
    mode = os.environ.get("FAKE_TRAIN", "done")
    with (run / "events.jsonl").open("a") as file:

        def tell(**event: object) -> None:
            line = json.dumps(event) + "\n"
            file.write(line)
            file.flush()
            sys.stdout.write(line)
            sys.stdout.flush()

        threads = os.environ.get("OMP_NUM_THREADS")
        tell(event="start", folder=str(run), arguments=sys.argv[1:], threads=threads)
        for step in (1, 2):
            tell(event="step", step=step, steps=2, loss=1 / step)
        if mode == "error":
            tell(event="error", message="nothing to learn from")
            return 1
        if mode == "crash":
            print("Traceback: out of everything", file=sys.stderr)
            return 3
        if mode == "slow":  # measures for hours after its last step
            sys.stdin.readline()
            tell(event="saved", step=2)
            select.select([], [], [], 3600)
        if mode == "wait":
            while not select.select([sys.stdin], [], [], 30)[0]:
                return 4
            command = json.loads(sys.stdin.readline() or "{}")
            tell(event="stopped", asked=command)
            return 0
        tell(event="done", model=str(run / "new-model"), before={"all": 3.0}, after={"all": 2.5})
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
