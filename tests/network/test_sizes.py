import pytest

from ranvier.network.sizes import LARGEST_SIZE, checked_size


def test_sizes() -> None:
    assert checked_size("units", 7) == 7
    assert checked_size("units", LARGEST_SIZE) == LARGEST_SIZE
    with pytest.raises(ValueError, match="units must be a whole number from 1 to"):
        checked_size("units", 0)
