"""The one import of OpenCV: repairs what its wheel does to the environment.

The `opencv-python` wheel points Qt at its own plugins and fonts through environment variables. PySide6 in
this process, and in every child that inherits the environment, would then load the wrong platform plugin.
Import `cv2` from here and nowhere else.
"""

import os

import cv2

os.environ.pop("QT_QPA_PLATFORM_PLUGIN_PATH", None)
os.environ.pop("QT_QPA_FONTDIR", None)

__all__ = ["cv2"]
