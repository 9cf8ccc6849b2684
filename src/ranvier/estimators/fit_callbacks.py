"""Those who watch a fit: callbacks, the bar, and the callbacks of scikit-learn 1.9.

scikit-learn's are experimental there; what of them is used stands here.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

from ranvier.estimators.parameter_views import theta_of
from ranvier.network.network import Network
from ranvier.training.callbacks import asks_to_stop, call, checked_callbacks
from ranvier.training.history import EpochRecord, History
from ranvier.training.progress_bar import Bar, NoBar, bar

try:
    from sklearn.callback import CallbackSupportMixin as CallbackSupportMixin
    from sklearn.callback import with_callbacks as with_callbacks
except ImportError:  # before scikit-learn 1.9

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Nothing: `set_callbacks` came with scikit-learn 1.9."""

    def with_callbacks(method: Any) -> Any:
        """Leave a method as it is."""
        return method


class FitCallbacks:
    """All who see the epochs of one fit; each may ask to stop.

    Parameters
    ----------
    mlp
        The estimator.
    X, y, sample_weight
        What it is fitted to, for scikit-learn's callbacks.
    """

    def __init__(self, mlp: Any, X: Any, y: Any, sample_weight: Any) -> None:
        self.mlp = mlp
        self.callbacks = checked_callbacks(mlp.callbacks or ())
        self.network: Network | None = None  # for callbacks that look at it
        self.history = History()
        self.bar: Bar = bar(True, mlp.max_iter) if mlp.progress else NoBar()
        metadata = None if sample_weight is None else {"sample_weight": sample_weight}
        self.data = {"X": X, "y": y, "metadata": metadata}
        self.context = getattr(mlp, "_callback_fit_ctx", None)
        self.shared = self.context is not None and bool(
            getattr(mlp, "_skl_callbacks", ())
        )
        self.record: Callable[[EpochRecord], object] | None = None  # into a run
        self.ended = "finished"
        self.started = perf_counter()

    @property
    def any(self) -> bool:
        """Whether there is anyone."""
        watched = self.callbacks or self.mlp.progress or self.shared or self.record
        return bool(watched)

    @contextmanager
    def watching(self) -> Iterator["FitCallbacks"]:
        """Open the bar, and tell scikit-learn's callbacks of begin and end."""
        if not self.any:
            yield self
            return
        self._on_train_begin()
        try:
            with self._scikit_learn():
                yield self
        except BaseException:
            self.ended = "failed"
            raise
        finally:
            self._on_train_end()

    @contextmanager
    def _scikit_learn(self) -> Iterator[None]:
        if self.context is not None:
            self.context.call_on_fit_task_begin(estimator=self.mlp, **self.data)
        with self.bar:
            yield
        if self.context is not None:
            self.context.call_on_fit_task_end(estimator=self.mlp, **self.data)

    def _on_train_begin(self) -> None:
        """Say to callbacks that are objects what is trained."""
        if not any(hasattr(one, "on_train_begin") for one in self.callbacks):
            return
        self.network = self.mlp.network_
        values = self.mlp.get_params(deep=False).items()
        plain = str | int | float | None
        config = {name: v if isinstance(v, plain) else str(v) for name, v in values}
        config |= {"estimator": type(self.mlp).__name__, "epochs": self.mlp.max_iter}
        for callback in self.callbacks:
            call(callback, "on_train_begin", self.network, config)

    def _on_train_end(self) -> None:
        """Say to callbacks that are objects how it ended."""
        self.history.stopped = self.ended
        self._copy_weights()
        for callback in self.callbacks:
            call(callback, "on_train_end", self.history)

    def _copy_weights(self) -> None:
        if self.network is not None:
            self.network.theta[...] = theta_of(self.mlp)

    def begin(self) -> Any:
        """Tell that an epoch begins; `end` takes what this gives."""
        self.started = perf_counter()
        if not self.shared or self.context is None:
            return None
        task = self.context.subcontext(task_name="epoch")
        task.call_on_fit_task_begin(estimator=self.mlp, **self.data)
        return task

    def end(self, task: Any, rows: int, **facts: Any) -> bool:
        """Show what an epoch gave; true if someone asks to stop."""
        seconds = perf_counter() - self.started
        record = EpochRecord(seconds=seconds, rows_per_second=rows / seconds, **facts)
        if self.record is not None:
            self.record(record)
        self.bar.show(record)
        self.history.append(record)
        self._copy_weights()
        stops = [asks_to_stop(callback, record) for callback in self.callbacks]
        if task is not None:
            stops.append(
                task.call_on_fit_task_end(
                    estimator=self.mlp,
                    reconstruction_attributes=_parameters_of(self.mlp),
                    **self.data,
                )
            )
        if any(stops):
            self.ended = "callback"
        return any(stops)


def _parameters_of(mlp: Any) -> Callable[[], dict[str, Any]]:
    """Return a function that copies what prediction needs, as it is then."""

    def copies() -> dict[str, Any]:
        return {
            "coefs_": [W.copy() for W in mlp.coefs_],
            "intercepts_": [b.copy() for b in mlp.intercepts_],
        }

    return copies
