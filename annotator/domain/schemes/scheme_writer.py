"""The other way round of `scheme_file`: a `LandmarkScheme` in, TOML out."""

import json

from annotator.domain.scheme import Curve, DerivedPoint, Landmark, LandmarkScheme
from annotator.domain.schemes.scheme_file import SCHEMA


def write_scheme(scheme: LandmarkScheme) -> str:
    """The text of a scheme file that reads back as the same scheme."""

    def landmark(lm: Landmark) -> str:
        region = f', region = "{lm.region}"' if lm.region else ""
        ibug = f", ibug68 = {lm.ibug68}" if lm.ibug68 is not None else ""
        slides = f', kind = "sliding", curve = "{lm.curve}"' if lm.curve else ""
        return f'  {{ name = "{lm.name}"{region}, mirror = "{lm.mirror}"{ibug}{slides} }},'

    def curve(c: Curve) -> str:
        names = ", ".join(f'"{scheme.names[i]}"' for i in c.indices)
        return f'  {{ name = "{c.name}", closed = {str(c.closed).lower()}, landmarks = [{names}] }},'

    def derived(point: DerivedPoint) -> str:
        between = ", ".join(f'"{scheme.names[i]}"' for i in point.between)
        curve_name = scheme.curves[point.curve].name
        return f'  {{ ibug68 = {point.ibug68}, curve = "{curve_name}", between = [{between}] }},'

    lines = [
        f"schema = {SCHEMA}",
        f'name = "{scheme.name}"',
        f"version = {scheme.version}",
        f"title = {_quoted(scheme.title)}",
    ]
    lines += [
        "landmarks = [",
        *map(landmark, scheme.landmarks),
        "]",
        "curves = [",
        *map(curve, scheme.curves),
        "]",
    ]
    if scheme.view_dependent:
        names = ", ".join(f'"{scheme.names[i]}"' for i in scheme.view_dependent)
        lines += [f"view_dependent = [{names}]"]
    if scheme.derived:
        lines += ["derived = [", *map(derived, scheme.derived), "]"]
    for r in scheme.regions:
        lines += [
            "[[regions]]",
            f'name = "{r.name}"',
            f"title = {_quoted(r.title)}",
            f'colour = "{r.colour}"',
            f'mirror = "{r.mirror}"',
        ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A TOML string; its escapes are those of JSON, but for one character more."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
