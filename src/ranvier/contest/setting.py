"""What a model is made for."""

from typing import NamedTuple


class Setting(NamedTuple):
    """Whether it is to tell classes apart, its seed, the threads that it may take."""

    classification: bool
    seed: int
    threads: int
