"""Annotation files of other programs: one module a format, each stating its own pixel convention and converting to ours."""
