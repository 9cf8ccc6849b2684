"""What a training has done: one record an epoch, and the list of them."""

import importlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from ranvier.pictures import palette

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from ranvier.training.config import TrainConfig


@dataclass(frozen=True)
class EpochRecord:
    """What one epoch gave.

    Parameters
    ----------
    epoch
        Its number, from 1. With L-BFGS an epoch is an iteration.
    loss
        Mean loss over the rows of the training data, each taken with the weights that
        its batch met, penalties not included.
    validation_loss
        Mean loss over the validation rows after the epoch; None without validation.
    metrics
        Name and value of each metric on the validation rows after the epoch.
    learning_rate
        The rate of the epoch's last step; NaN for L-BFGS, which searches its steps.
    gradient_norm
        Euclidean norm of the gradient of the epoch's last step.
    seconds
        Time the training of the epoch took, without validation and callbacks.
    rows_per_second
        Training rows gone through each second of that time.

    Examples
    --------
    >>> import ranvier as rv
    >>> net = rv.Network(1, [rv.Dense(1)], seed=0)
    >>> history = rv.train(net, [[1.0], [2.0]], [1.0, 2.0], epochs=2, progress=False)
    >>> history[-1].epoch, history[-1].validation_loss
    (2, None)
    """

    epoch: int
    loss: float
    validation_loss: float | None = None
    metrics: dict[str, float] = field(default_factory=dict)
    learning_rate: float = float("nan")
    gradient_norm: float = float("nan")
    seconds: float = 0.0
    rows_per_second: float = float("nan")


class History(Sequence[EpochRecord]):
    """The epochs of a training in order, and how it ended.

    Reads like a list of `EpochRecord`.

    Parameters
    ----------
    records
        The epochs so far.
    seed
        The seed the training used, also when it was drawn because none was given.

    Attributes
    ----------
    best_epoch : int or None
        The epoch with the best score: that of the stopping rule if there is one, else
        the validation loss, else the training loss. None before the first epoch.
    stopped : str
        Why the training ended: ``"finished"`` (all epochs done), ``"early stopping"``,
        ``"callback NAME"``, ``"interrupted"`` (Ctrl-C), ``"converged"`` (L-BFGS); or
        ``"running"``.
    run : Path or None
        Folder in which the training was recorded; None if it was not.
    page : str or None
        Address of the page that was opened to watch it; None if none was.
    config : TrainConfig or None
        The settings of the training, with every default filled in; None before it.

    Examples
    --------
    >>> history = History([EpochRecord(1, 0.5), EpochRecord(2, 0.3)])
    >>> len(history), history[-1].loss, history.losses
    (2, 0.3, [0.5, 0.3])
    """

    def __init__(
        self, records: Iterable[EpochRecord] = (), *, seed: int | None = None
    ) -> None:
        self._records = list(records)
        self.seed = seed
        self.best_epoch: int | None = None
        self.stopped = "running"
        self.run: Path | None = None
        self.page: str | None = None
        self.config: TrainConfig | None = None

    @overload
    def __getitem__(self, index: int) -> EpochRecord: ...
    @overload
    def __getitem__(self, index: slice) -> list[EpochRecord]: ...
    def __getitem__(self, index: int | slice) -> EpochRecord | list[EpochRecord]:
        return self._records[index]

    def __len__(self) -> int:
        return len(self._records)

    def __repr__(self) -> str:
        if not self._records:
            return f"History(0 epochs, {self.stopped})"
        best = "" if self.best_epoch is None else f", best epoch {self.best_epoch}"
        last = self._records[-1]
        score = f"loss {last.loss:.6g}"
        if last.validation_loss is not None:
            score += f", validation loss {last.validation_loss:.6g}"
        return f"History({len(self)} epochs, {score}{best}, {self.stopped})"

    def append(self, record: EpochRecord) -> None:
        """Add the record of the next epoch.

        Parameters
        ----------
        record
            Its `EpochRecord`.

        Examples
        --------
        >>> history = History()
        >>> history.append(EpochRecord(epoch=1, loss=0.5))
        >>> history.losses
        [0.5]
        """
        self._records.append(record)

    @property
    def losses(self) -> list[float]:
        """Training loss of each epoch."""
        return [record.loss for record in self._records]

    @property
    def validation_losses(self) -> list[float]:
        """Validation loss of each epoch; empty without validation."""
        given = (record.validation_loss for record in self._records)
        return [loss for loss in given if loss is not None]

    @property
    def best_loss(self) -> float | None:
        """Validation loss (without validation: training loss) of the best epoch."""
        for record in self._records:
            if record.epoch == self.best_epoch:
                return (
                    record.loss
                    if record.validation_loss is None
                    else record.validation_loss
                )
        return None

    @property
    def seconds(self) -> float:
        """Time the training took, without validation and callbacks."""
        return sum(record.seconds for record in self._records)

    def to_frame(self) -> "pd.DataFrame":
        """Return the records as a pandas DataFrame, one row an epoch.

        Returns
        -------
        pandas.DataFrame
            A column for each field of `EpochRecord`, and one for each metric in place
            of `metrics`.

        Raises
        ------
        ImportError
            pandas is not installed.

        Examples
        --------
        >>> history = History()
        >>> history.append(EpochRecord(epoch=1, loss=0.5))
        >>> history.to_frame()["loss"].tolist()
        [0.5]
        """
        pandas = _load("pandas", "to_frame() gives a pandas DataFrame")
        frame: pd.DataFrame = pandas.DataFrame(
            [_row(record) for record in self._records], columns=self._columns()
        )
        return frame

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the loss over the epochs with matplotlib, the best epoch marked.

        Parameters
        ----------
        ax
            Where to draw; None: on a new figure.

        Returns
        -------
        matplotlib.axes.Axes
            The axes drawn on; the losses are on a log scale where all are above 0.

        Raises
        ------
        ImportError
            matplotlib is not installed.

        Examples
        --------
        >>> history = History()
        >>> history.append(EpochRecord(epoch=1, loss=0.5))
        >>> history.plot().get_xlabel()
        'epoch'
        """
        if ax is None:
            pyplot = _load("matplotlib.pyplot", "plot() draws with matplotlib")
            ax = pyplot.figure(layout="constrained").add_subplot()
            ticks = _load("matplotlib.ticker", "plot() draws with matplotlib")
            ax.xaxis.set_major_locator(ticks.MaxNLocator(integer=True, min_n_ticks=1))
        epochs = [record.epoch for record in self._records]
        curves = {"training": self.losses, "validation": self.validation_losses}
        marker = "o" if len(epochs) == 1 else ""  # a line of one point is not seen
        looks = zip(palette.SERIES, palette.DASHES, strict=False)
        for (name, losses), (colour, dash) in zip(curves.items(), looks, strict=False):
            if losses:
                (line,) = ax.plot(epochs, losses, color=colour, label=name)
                line.set(linestyle=dash, marker=marker)
        if self.best_epoch is not None:
            grey = palette.NEUTRAL
            ax.axvline(self.best_epoch, color=grey, linestyle=":", label="best epoch")
        if epochs:
            ax.legend()
            if min(self.losses + self.validation_losses) > 0:
                ax.set_yscale("log")
        ax.set_xlabel("epoch")
        ax.set_ylabel("loss")
        return ax

    def _columns(self) -> list[str]:
        columns = [f.name for f in fields(EpochRecord)]
        if not self._records:
            return columns
        at = columns.index("metrics")
        names = _metric_columns(self._records[0])
        return [*columns[:at], *names, *columns[at + 1 :]]


def _metric_columns(record: EpochRecord) -> dict[str, float]:
    """Name the columns of the metrics; one named like a field gets a prefix."""
    taken = {f.name for f in fields(EpochRecord)}
    return {
        (f"metric_{name}" if name in taken else name): value
        for name, value in record.metrics.items()
    }


def _row(record: EpochRecord) -> dict[str, Any]:
    row = asdict(record)
    del row["metrics"]
    return row | _metric_columns(record)


def _load(module: str, purpose: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise ImportError(
            f"{purpose}, but {package} is not installed: run pip install {package}"
        ) from error
