"""Settings of every test: no window for figures, the same examples on each run."""

import os

import hypothesis
import numpy as np
import pytest

os.environ.setdefault("MPLBACKEND", "Agg")

# No deadline: a busy machine is no failure. Derandomised: red is the change's doing.
hypothesis.settings.register_profile(
    "ranvier", deadline=None, derandomize=True, database=None
)
hypothesis.settings.load_profile("ranvier")


@pytest.fixture
def rng() -> np.random.Generator:
    """Return random numbers that are the same in every run."""
    return np.random.default_rng(0)
