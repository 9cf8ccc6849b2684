import numpy as np
import pytest

from ranvier.tabular.deadline import Deadline
from ranvier.tabular.supervision import Supervision
from ranvier.training.nonfinite import NonFiniteError


def failure(epoch: int, step: int) -> NonFiniteError:
    return NonFiniteError("overflow", 1, epoch, step, np.arange(2))


def test_it_goes_on_until_ctrl_c_or_the_end_of_the_time() -> None:
    under = Supervision()
    assert under.goes_on
    under.stopping.set()
    assert not under.goes_on
    assert not Supervision(deadline=Deadline(1e-9)).goes_on


def test_each_has_what_is_its_own() -> None:
    one, other = Supervision(), Supervision()
    one.failed.append(failure(1, 1))
    one.stopping.set()
    assert other.failed == []
    assert other.goes_on


def test_some_that_failed_are_warned_of() -> None:
    under = Supervision(failed=[failure(2, 5), failure(2, 3), failure(4, 1)])
    told = "3 of the networks left .* epoch 2, step 3, .* 2 others"
    with pytest.warns(RuntimeWarning, match=told):
        under.require_some(["one", "other"])


def test_where_all_failed_the_first_is_told() -> None:
    under = Supervision(failed=[failure(2, 5), failure(2, 3)])
    with pytest.raises(NonFiniteError, match="each of the 2 networks left") as raised:
        under.require_some([])
    assert (raised.value.epoch, raised.value.step) == (2, 3)
    assert raised.value.__cause__ is under.failed[1]


@pytest.mark.filterwarnings("error")
def test_with_no_failure_there_may_be_none() -> None:
    Supervision().require_some([])  # Ctrl-C came first, which the caller says
