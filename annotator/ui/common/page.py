"""The pages of the window's middle."""

from enum import Enum


class Page(Enum):
    """One is seen at a time; the value is the name for people."""

    FRAME = "frame view"
    SHEET = "contact sheet"
    DASHBOARD = "dashboard"
