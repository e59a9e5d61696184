"""The filter box's little language: words of the path, and terms: `subject:`, `take:`, `state:`, `for:`, `who:`, `conf<`."""

from __future__ import annotations

import shlex
from dataclasses import replace

from annotator.domain.annotation import ReviewState
from annotator.services.project.people.assign import this_person
from annotator.store.lists.frame_filter import FrameFilter

_STATES = {state.name.lower(): state for state in ReviewState} | {
    "new": ReviewState.UNREVIEWED,
    "fix": ReviewState.NEEDS_WORK,
    "ok": ReviewState.APPROVED,
}
_PEOPLE = {"me": this_person, "nobody": lambda: ""}
_YES_NO = {"touched": True, "untouched": False}
HELP = (
    "Words match the path. Terms: subject:NAME  camera:NAME  take:NAME  "
    "state:new|fix|ok|rejected|touched|untouched|finished|flagged|noted  for:NAME  who:NAME|me|nobody  conf<0.8  sort:conf"
)


def parse_filter(text: str) -> tuple[FrameFilter, str]:
    """The filter that a text asks for, and a line that says what was not understood (empty: all was)."""
    try:
        words = shlex.split(text)
    except ValueError:  # a quote is still open while the artist types
        words = text.replace('"', "").replace("'", "").split()
    wanted, plain, problem = FrameFilter(), [], ""
    for word in words:
        key, _, value = word.partition(":")
        if word.startswith(("conf<", "confidence<")):
            try:
                wanted = replace(wanted, confidence_below=float(word.partition("<")[2]))
            except ValueError:
                problem = f"{word}: a number such as conf<0.8 is wanted"
        elif key in ("subject", "camera", "take") and value:
            wanted = _with_token(wanted, key, value)
        elif key == "for":
            wanted = replace(wanted, assigned=value)
        elif key == "who" and value:
            wanted = replace(wanted, person=_PEOPLE.get(value, lambda name=value: name)())
        elif key == "state" and value:
            wanted, problem = _with_state(wanted, value, problem)
        elif word == "sort:conf":
            wanted = replace(wanted, least_certain_first=True)
        else:
            plain.append(word)
    return replace(wanted, text=" ".join(plain)), problem


def _with_token(wanted: FrameFilter, key: str, value: str) -> FrameFilter:
    if key == "subject":
        return replace(wanted, subject=value)
    return replace(wanted, camera=value) if key == "camera" else replace(wanted, take=value)


def _with_state(wanted: FrameFilter, value: str, problem: str) -> tuple[FrameFilter, str]:
    if value in _STATES:
        return replace(wanted, review=_STATES[value]), problem
    if value in _YES_NO:
        return replace(wanted, touched=_YES_NO[value]), problem
    if value == "finished":
        return replace(wanted, finished=True), problem
    if value == "flagged":
        return replace(wanted, flagged=True), problem
    if value == "noted":
        return replace(wanted, noted=True), problem
    return (
        wanted,
        f"state:{value} is not known; try state:new, fix, ok, rejected, touched, finished, flagged or noted",
    )
