import numpy as np
import pytest

from ranvier.tabular.intervals import KEPT, half_width, kept_errors


def test_by_hand() -> None:
    errors = kept_errors(np.array([[3.0], [-1.0], [2.0], [-4.0]]))
    assert errors[:, 0].tolist() == [1, 2, 3, 4]
    assert half_width(errors, 0.5).tolist() == [3]  # the ceil(5 / 2)-th
    assert half_width(errors, 0.99).tolist() == [4]


def test_few_are_kept_of_many_and_hold_their_share() -> None:
    rng = np.random.default_rng(0)
    errors = kept_errors(rng.normal(size=(50_000, 2)))
    assert errors.shape == (KEPT, 2)
    assert np.allclose(half_width(errors, 0.9), 1.645, atol=0.03)


@pytest.mark.parametrize("share", [0, 1, -0.1, 2])
def test_no_share(share: float) -> None:
    with pytest.raises(ValueError, match=r"for example 0\.9"):
        half_width(np.ones((3, 1)), share)
