import numpy as np
import pytest

from ranvier.tabular.fit_context import FitContext
from ranvier.tabular.time_budget import TimeBudget
from ranvier.training.nonfinite import NonFiniteError


def failure(epoch: int, step: int) -> NonFiniteError:
    return NonFiniteError("overflow", 1, epoch, step, np.arange(2))


def test_it_goes_on_until_ctrl_c_or_the_end_of_the_time() -> None:
    context = FitContext()
    assert context.should_continue
    context.stopping.set()
    assert not context.should_continue
    assert not FitContext(time_budget=TimeBudget(1e-9)).should_continue


def test_each_has_what_is_its_own() -> None:
    one, other = FitContext(), FitContext()
    one.failed.append(failure(1, 1))
    one.stopping.set()
    assert other.failed == []
    assert other.should_continue


def test_some_that_failed_are_warned_of() -> None:
    context = FitContext(failed=[failure(2, 5), failure(2, 3), failure(4, 1)])
    told = "3 of the networks diverged .* epoch 2, step 3, .* 2 others"
    with pytest.warns(RuntimeWarning, match=told):
        context.require_some(["one", "other"])


def test_where_all_failed_the_first_is_told() -> None:
    context = FitContext(failed=[failure(2, 5), failure(2, 3)])
    with pytest.raises(NonFiniteError, match="all 2 networks diverged") as raised:
        context.require_some([])
    assert (raised.value.epoch, raised.value.step) == (2, 3)
    assert raised.value.__cause__ is context.failed[1]


@pytest.mark.filterwarnings("error")
def test_with_no_failure_there_may_be_none() -> None:
    FitContext().require_some([])  # Ctrl-C came first, which the caller says
