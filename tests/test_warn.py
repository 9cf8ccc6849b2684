import warnings

import pytest

import ranvier as rv
from ranvier.warn import warn_user


def test_the_warning_points_at_the_caller() -> None:
    with pytest.warns(RuntimeWarning, match="careful") as found:
        warn_user("careful", RuntimeWarning)
    assert found[0].filename == __file__


def test_it_points_past_the_library() -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    net = rv.Network.mlp(1, 2, 1)
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        rv.train(net, [[0.0], [1.0]], [0, 1], callbacks=[interrupt])
    assert [warning.filename for warning in found] == [__file__]
