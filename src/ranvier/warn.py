"""Warnings that point at the user's own line, however deep the library is."""

import os
import sys
import warnings
from pathlib import Path

PACKAGE = f"{Path(__file__).parent}{os.sep}"


def warn_user(message: str, category: type[Warning]) -> None:
    """Warn at the first line outside this package that led here.

    Parameters
    ----------
    message
        What to say.
    category
        The class of the warning.
    """
    level, frame = 1, sys._getframe()
    while frame.f_back is not None and frame.f_code.co_filename.startswith(PACKAGE):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)
