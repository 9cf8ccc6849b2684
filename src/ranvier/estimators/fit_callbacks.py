"""Those who watch a fit: callbacks, the bar, and the callbacks of scikit-learn 1.9.

scikit-learn's are experimental there; what of them is used stands here.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

from ranvier.training.callbacks import asks_to_stop
from ranvier.training.history import EpochRecord
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
        self.callbacks = list(mlp.callbacks or ())
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
        if self.context is not None:
            self.context.call_on_fit_task_begin(estimator=self.mlp, **self.data)
        with self.bar:
            yield self
        if self.context is not None:
            self.context.call_on_fit_task_end(estimator=self.mlp, **self.data)

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
    """Give a function that copies what prediction needs, as it is then."""

    def copies() -> dict[str, Any]:
        return {
            "coefs_": [W.copy() for W in mlp.coefs_],
            "intercepts_": [b.copy() for b in mlp.intercepts_],
        }

    return copies
