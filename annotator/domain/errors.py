"""The base of every error that a user may see."""


class AnnotatorError(Exception):
    """An error whose message is meant for the user: what happened, and what to do about it."""


class ModelError(AnnotatorError):
    """A model folder is missing, damaged, foreign or does not fit the scheme."""


class ProjectError(AnnotatorError):
    """A project cannot be made, opened or changed."""


class FormatError(AnnotatorError):
    """A file to import is not what its format asks for, or a file cannot be exported."""
