"""Small frames on disk."""

from pathlib import Path

import numpy as np
import simplejpeg
import tifffile

WIDTH, HEIGHT = 320, 240


def write_frame(path: Path, grey: int, size: tuple[int, int] = (WIDTH, HEIGHT)) -> None:
    """A plain picture; a grey one survives JPEG exactly."""
    image = np.full((size[1], size[0], 3), grey, np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".jpg":
        path.write_bytes(simplejpeg.encode_jpeg(image, quality=95, colorsubsampling="444"))
    else:
        tifffile.imwrite(path, image, photometric="rgb")
