"""The history: a list of records, a frame, a figure."""

import pickle
import sys

import pytest
from matplotlib.figure import Figure

from ranvier.training.history import EpochRecord, History


@pytest.fixture
def history() -> History:
    history = History(
        [
            EpochRecord(1, 0.9, 0.8, {"r2": 0.1}, 0.01, 2.0, 0.5, 100.0),
            EpochRecord(2, 0.5, 0.4, {"r2": 0.6}, 0.02, 1.0, 0.25, 200.0),
            EpochRecord(3, 0.4, 0.6, {"r2": 0.4}, 0.03, 0.5, 0.25, 200.0),
        ],
        seed=7,
    )
    history.best_epoch = 2
    history.stopped = "finished"
    return history


def test_reads_like_a_list(history: History) -> None:
    assert len(history) == 3
    assert history[0].loss == 0.9
    assert history[-1].epoch == 3
    assert [record.epoch for record in history] == [1, 2, 3]
    assert [record.epoch for record in history[1:]] == [2, 3]
    assert history[1] in history
    history.append(EpochRecord(4, 0.3))
    assert len(history) == 4


def test_columns_and_best(history: History) -> None:
    assert history.losses == [0.9, 0.5, 0.4]
    assert history.validation_losses == [0.8, 0.4, 0.6]
    assert history.best_loss == 0.4
    assert history.seconds == 1.0
    assert repr(history) == (
        "History(3 epochs, loss 0.4, validation loss 0.6, best epoch 2, finished)"
    )


def test_without_validation() -> None:
    history = History([EpochRecord(1, 0.5), EpochRecord(2, 0.25)])
    history.best_epoch = 2
    assert history.best_loss == 0.25
    assert history.validation_losses == []


def test_empty() -> None:
    history = History()
    assert len(history) == 0
    assert history.best_loss is None
    assert history.best_epoch is None
    assert repr(history) == "History(0 epochs, running)"
    assert history.to_frame().shape == (0, 8)
    history.plot()


def test_record_is_frozen(history: History) -> None:
    with pytest.raises(AttributeError):
        history[0].loss = 1.0  # type: ignore[misc]


def test_pickle(history: History) -> None:
    again = pickle.loads(pickle.dumps(history))
    assert list(again) == list(history)
    assert (again.seed, again.best_epoch, again.stopped) == (7, 2, "finished")


def test_to_frame(history: History) -> None:
    frame = history.to_frame()
    assert list(frame.columns) == [
        "epoch",
        "loss",
        "validation_loss",
        "r2",
        "learning_rate",
        "gradient_norm",
        "seconds",
        "rows_per_second",
    ]
    assert frame["r2"].tolist() == [0.1, 0.6, 0.4]
    assert frame["epoch"].tolist() == [1, 2, 3]


def test_metric_named_like_a_field() -> None:
    frame = History([EpochRecord(1, 0.5, 0.4, {"loss": 9.0})]).to_frame()
    assert frame["loss"].tolist() == [0.5]
    assert frame["metric_loss"].tolist() == [9.0]


def test_plot(history: History) -> None:
    axes = history.plot()
    lines = {str(line.get_label()): line for line in axes.get_lines()}
    assert set(lines) == {"training", "validation", "best epoch"}
    assert list(lines["training"].get_ydata()) == [0.9, 0.5, 0.4]
    assert list(lines["best epoch"].get_xdata()) == [2, 2]
    assert axes.get_yscale() == "log"
    assert axes.get_xlabel() == "epoch"


def test_a_single_epoch_is_seen() -> None:
    axes = History([EpochRecord(1, 0.5, 0.25)]).plot()
    assert [line.get_marker() for line in axes.get_lines()] == ["o", "o"]
    # No ticks at 0.98 or 1.02: there are no such epochs.
    assert all(tick == round(tick) for tick in axes.get_xticks())


def test_plot_on_given_axes_with_losses_below_zero() -> None:
    ax = Figure().add_subplot()
    history = History([EpochRecord(1, 0.5), EpochRecord(2, -0.5)])
    assert history.plot(ax) is ax
    assert ax.get_yscale() == "linear"


@pytest.mark.parametrize(("method", "package"), [("to_frame", "pandas")])
def test_missing_package(
    history: History, method: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ImportError, match=f"{method}.*pip install {package}"):
        getattr(history, method)()


def test_missing_matplotlib(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r"plot.*pip install matplotlib"):
        history.plot()
