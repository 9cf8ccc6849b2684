import numpy as np
import pytest
from benchmarks.competitors import MATMUL, RANVIER, RANVIER_TOLD, Competitor
from benchmarks.contestants import Bench, Contestant, stage
from benchmarks.workloads import named

TINY = named("3-8-1", rows=64, batch=16)
BROKEN = Competitor("broken", "no_such_module", "numpy")


def test_a_contestant_trains_in_a_process_of_its_own() -> None:
    with stage() as theirs:
        ours = theirs.call(RANVIER, "", 1)
        assert ours.ask("set_up", TINY) > 0
        assert ours.ask("train", 30) > 0
        assert ours.ask("loss") < ours.ask("first_loss")
        assert theirs.call(RANVIER, "", 1) is ours
        assert theirs.call(RANVIER_TOLD, "", 1) is not ours
        process = ours._process
    assert not process.is_alive()


def test_failures_come_back_as_errors() -> None:
    with stage() as theirs:
        broken = theirs.call(BROKEN, "", 1)
        with pytest.raises(RuntimeError, match="no_such_module, set_up"):
            broken.ask("set_up", TINY)
        product = theirs.call(MATMUL, "", 1)
        with pytest.raises(RuntimeError, match="no_such_method"):
            product.ask("no_such_method")
        product._process.kill()
        with pytest.raises(RuntimeError, match="matrix product, 1 thread ended"):
            product.ask("set_up", TINY)


def test_names() -> None:
    contestant = Contestant.__new__(Contestant)
    contestant.competitor, contestant.form, contestant.threads = RANVIER, "", 2
    assert str(contestant) == contestant.short == "Ranvier, 2 threads"
    contestant.form, contestant.threads = "fused", 1
    assert str(contestant) == "Ranvier, 1 thread, fused"


def test_each_training_begins_with_the_first_weights() -> None:
    bench = Bench("ranvier", 1, {})
    bench.set_up(TINY)
    bench.train(3)
    once = bench.loss()
    bench.train(3)
    assert bench.loss() == once


def test_time_to_stops_at_the_goal() -> None:
    bench = Bench("ranvier", 1, {})
    bench.set_up(named("4-8-3", rows=60, batch=20, loss="cross_entropy"))
    bench.problem = bench.problem.__class__(
        bench.problem.X, bench.problem.Y, bench.problem.start, bench.problem.X,
        bench.problem.Y,
    )  # fmt: skip
    seconds, epochs, reached = bench.time_to(0.0, 5)
    assert (epochs, reached >= 0.0, seconds > 0) == (1, True, True)
    assert bench.time_to(1.1, 5)[1] == 5


def test_predictions_are_held_against_double_precision() -> None:
    bench = Bench("ranvier", 1, {})
    assert bench.set_up_prediction(TINY) < 1e-5
    assert bench.predict_rows(1, 3) > 0
    grown = bench.memory_of_prediction()
    assert grown is None or grown >= 0
    bench.predict = lambda X: np.zeros((len(X), 1))
    assert np.all(bench.predict(bench.problem.X) == 0)
