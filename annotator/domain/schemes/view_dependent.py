"""Landmarks that are not one place in space: cameras see them at places of their own."""

import numpy as np
from numpy.typing import NDArray

from annotator.domain.scheme import LandmarkScheme
from annotator.domain.schemes.scheme_file import available_schemes, read_scheme


def view_dependent(scheme: LandmarkScheme) -> NDArray[np.bool_]:
    """bool [L]: the landmarks whose place on the face depends on the camera.

    A project keeps the scheme that it was made with. One made before schemes stated this has the list of the shipped scheme of
    its id.
    """
    shipped = available_schemes().get(scheme.id)
    if not scheme.view_dependent and shipped is not None:
        known = read_scheme(shipped)
        scheme = known if known.names == scheme.names else scheme
    return np.isin(np.arange(scheme.size), scheme.view_dependent)
