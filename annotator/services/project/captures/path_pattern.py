"""Patterns that say what the folders and names of captured files mean.

    {subject}/{take}/{camera}/{frame}.jpg     fields in braces, one folder or part of a name each
    {subject}_{camera}_####.exr               # digits of the frame number, at least as many; %04d is the same
    plate.1001-1096#.jpg                      these frames alone, as `fileseq` reads them: # are four digits, @ one
    **/{camera}_*.tif                         * anything within a name, ? one character, ** any number of
    folders

Letters match in either case. Without an extension at its end a pattern takes any image or movie. A pattern without fields is of
one take, which is called as the files are before their number. `subj_cam_####.exr`
means the files that are really called so; where there are none, `with_fields` reads the words as fields.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from annotator.domain.errors import AnnotatorError

FIELDS: Final = ("subject", "take", "camera", "frame")
_ALIASES: Final = {
    **{field: field for field in FIELDS},
    "subj": "subject",
    "actor": "subject",
    "shot": "take",
    "expression": "take",
    "cam": "camera",
    "index": "frame",
}
_TOKEN: Final = re.compile(
    r"\{(?P<field>[^{}]*)\}|(?P<range>\d+(?:[-,xy:]\d+)+)(?P<pad>#+|@+|%0?\d*d)"
    r"|(?P<hashes>#+)|%0?(?P<digits>\d*)d|(?P<wild>\*\*/|\*\*|\*|\?)"
)
_BARE_WORD: Final = re.compile(
    r"(?<![A-Za-z{])(subject|subj|actor|take|shot|camera|cam)(?![A-Za-z}])", re.IGNORECASE
)
_MOST_FRAMES: Final = 1_000_000
_WILD: Final = {"**/": r"(?:[^/]+/)*", "**": r".*", "*": r"[^/]*", "?": r"[^/]"}


class PatternError(AnnotatorError):
    """A pattern that cannot be understood."""


@dataclass(frozen=True)
class PathPattern:
    """A checked pattern; `text` is as the user wrote it. Raises PatternError for unknown fields and unbalanced braces."""

    text: str

    def __post_init__(self) -> None:
        _ = self._regex, self.frames

    def match(self, path: str) -> dict[str, str] | None:
        """The fields of a posix path relative to the searched folder ("" where the pattern lacks one); None if it misfits."""
        found = self._regex.fullmatch(path)
        if found is None or (self.frames is not None and int(found["frame"]) not in self.frames):
            return None
        fields = found.groupdict(default="")
        fields["take"] = fields.get("take", self._take)
        return {field: fields.get(field, "") for field in FIELDS}

    @cached_property
    def frames(self) -> frozenset[int] | None:
        """The frame numbers of a range in the pattern, None where it has none."""
        ranges = [token["range"] for token in _TOKEN.finditer(_tidy(self.text)) if token["range"]]
        if len(ranges) > 1:
            raise PatternError(f"{self.text!r} has several ranges of frames; write one")
        return frozenset(_numbers(ranges[0], self.text)) if ranges else None

    def why_not(self, path: str) -> str:
        """A short reason why a path does not fit, for a person who wonders what is wrong with the pattern."""
        parts, wanted = path.split("/"), self._parts
        fitting = self._regex.fullmatch(path)
        if fitting is not None and self.frames is not None:
            return f"is frame {int(fitting['frame'])}, which the pattern does not ask for"
        if "**" not in self.text and len(parts) != len(wanted):
            deeper = len(parts) - len(wanted)
            if deeper > 0:
                return (
                    f"lies {deeper} folder(s) deeper than the pattern expects; `**/` in front takes any depth"
                )
            return (
                f"lies {-deeper} folder(s) higher than the pattern expects; the pattern has {len(wanted) - 1}"
            )
        stem, dot, extension = parts[-1].rpartition(".")
        _, dotted, asked = wanted[-1].rpartition(".")
        if dot and dotted and asked.isalnum() and extension.lower() != asked.lower():
            return f"ends in .{extension}, the pattern asks for .{asked}"
        if "**" in self.text:
            return "does not fit the pattern"
        for part, piece in zip(parts, wanted, strict=True):
            last = piece is wanted[-1]
            if re.fullmatch(_expression(piece, set(), last), part, re.IGNORECASE) is None:
                return self._part_reason(part, piece, stem)
        return "gives one field two different values"

    def with_fields(self) -> "PathPattern | None":
        """The pattern with bare words such as `subj` or `cam` read as fields; None where that changes nothing."""
        if "{" in self.text:
            return None
        text = _BARE_WORD.sub(lambda word: "{" + _ALIASES[word[0].lower()] + "}", self.text)
        return PathPattern(text) if text != self.text else None

    @property
    def _parts(self) -> list[str]:
        return _tidy(self.text).split("/")

    @cached_property
    def _regex(self) -> re.Pattern[str]:
        return re.compile(_expression(_tidy(self.text), set(), True), re.IGNORECASE)

    @cached_property
    def _take(self) -> str:
        """The take that the pattern names by itself: the name before the number of one sequence of files."""
        last = self._parts[-1]
        tokens = list(_TOKEN.finditer(last))
        if "{" in self.text or not tokens or tokens[0]["wild"]:
            return ""
        return last[: tokens[0].start()].strip("._- ")

    @staticmethod
    def _part_reason(part: str, piece: str, stem: str) -> str:
        number = re.search(r"(#+)|%0?(\d+)d", piece)
        digits = re.search(r"(\d+)\D*$", stem)
        if number and digits:
            width = len(number[1] or "") or int(number[2])
            if len(digits[1]) < width:
                return f"has {len(digits[1])} digits ({digits[1]}), the pattern asks for at least {width}"
        return f"`{part}` does not fit `{piece}`"


def _tidy(text: str) -> str:
    return text.strip().replace("\\", "/").removeprefix("./").strip("/")


def _expression(text: str, seen: set[str], whole_name: bool) -> str:
    """The regular expression of a pattern or a part of one; a field that comes again must have the same value."""
    if not text:
        raise PatternError("the pattern is empty; write for example {subject}/{camera}.jpg")
    pieces, end = [], 0
    for token in _TOKEN.finditer(text):
        pieces.append(_literal(text[end : token.start()], text))
        end = token.end()
        pieces.append(_token(token, text, seen))
    pieces.append(_literal(text[end:], text))
    last = text.rsplit("/", 1)[-1]
    if whole_name and "." not in last:
        pieces.append(r"(?:\.[^./]+)" if not last.endswith("*") else "")
    return "".join(pieces)


def _literal(part: str, pattern: str) -> str:
    if "{" in part or "}" in part:
        raise PatternError(f"a brace is not closed in {pattern!r}; fields look like {{subject}}")
    return re.escape(part)


def _token(token: re.Match[str], pattern: str, seen: set[str]) -> str:
    if token["wild"]:
        return _WILD[token["wild"]]
    field = "frame"
    expression = r"[^/]+?"
    if token["field"] is not None:
        name = token["field"].strip().lower()
        if name not in _ALIASES:
            known = ", ".join(_with_aliases(field) for field in FIELDS)
            raise PatternError(
                f"{pattern!r} has an unknown field {{{token['field']}}}; the fields are {known}"
            )
        field = _ALIASES[name]
    else:
        width = (
            _width(token["pad"]) if token["pad"] else len(token["hashes"] or "") or int(token["digits"] or 1)
        )
        if width > 20:
            raise PatternError(f"{pattern!r} asks for a number of {width} digits; 20 are enough")
        expression = rf"\d{{{width},}}"
    if field in seen:
        return f"(?P={field})"
    seen.add(field)
    return f"(?P<{field}>{expression})"


def _width(pad: str) -> int:
    """Digits that the mark of a range asks for, as `fileseq` counts: four for one #."""
    digits = re.search(r"\d+", pad)
    return int(digits[0]) if digits else 4 if pad == "#" else 1 if pad.startswith("%") else len(pad)


def _numbers(text: str, pattern: str) -> list[int]:
    """The frame numbers of a range such as `1001-1096` or `1-20x5,40`."""
    from fileseq import FrameSet

    try:
        numbers = [int(number) for number in FrameSet(text)]
    except ValueError as error:  # the base of what fileseq raises
        raise PatternError(
            f"{pattern!r} has a range of frames that is none, or far too long: {text}; write 1001-1096"
        ) from error
    if len(numbers) > _MOST_FRAMES:
        raise PatternError(f"{pattern!r} asks for {len(numbers):,} frames; {_MOST_FRAMES:,} are enough")
    return numbers


def _with_aliases(field: str) -> str:
    """A field and the other names that it goes by, such as `{take} (or {shot}, {expression})`."""
    others = ", ".join(f"{{{name}}}" for name, meant in _ALIASES.items() if meant == field and name != field)
    return f"{{{field}}} (or {others})"
