"""The playground: one network that learns while one turns its knobs.

It takes the steps of `rv.train` one by one, so a network that was left alone has, bit
for bit, the weights that the Python shown beside it gives.
"""

from dataclasses import asdict, replace
from threading import Condition, Thread
from time import monotonic, sleep
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier import _engine
from ranvier.live import code_export
from ranvier.live.column_units import ColumnUnits
from ranvier.live.inspection import Inspection
from ranvier.live.playground_tables import OWN, TOYS, LazyTable, PlayTable, toy
from ranvier.live.settings import BadRequestError, Settings, WeightEdit
from ranvier.network.losses import Loss
from ranvier.network.network import Network
from ranvier.splits import split_rows
from ranvier.training.config import TrainConfig
from ranvier.training.optimizers import SGD, Adam, AdamW, StepOptimizer, engine_update
from ranvier.training.param_groups import parametric_layers
from ranvier.training.sgd import OptimizerState, data_order
from ranvier.training.task import Data, Task

Array = NDArray[Any]

MOST_EPOCHS: Final = 1_000_000
MOST_POINTS: Final = 2000  # of the curve; of more, every other one is dropped
FRAME: Final = 0.05  # seconds between two looks at what is asked
USUAL_SPEED: Final = 30  # epochs a second; 0: as many as there is time for


class Playground:
    """A network, its table, and a thread that trains it while it plays.

    Parameters
    ----------
    own
        The user's own table, if there is one: it is what is played with first, unless
        it has yet to be read.
    """

    def __init__(self, own: PlayTable | LazyTable | None = None) -> None:
        self.own = own
        self.changed = Condition()
        self.playing = False
        self.speed = USUAL_SPEED
        self.problem = ""
        self.version = 0
        self.settings = Settings()
        self.touched = False
        self.steps = 0
        self._closed = False
        self._thread: Thread | None = None
        there = isinstance(own, PlayTable)
        self._set_up(Settings(table=OWN, noise=0.0) if there else Settings())

    def do(self, command: str, value: Any) -> None:
        """Carry out a command that was checked.

        Raises
        ------
        BadRequestError
            It does not go with the network or the table there is.
        """
        with self.changed:
            match command:
                case "setup":
                    self._set_up(value)
                case "reset":
                    self._set_up(self.settings)
                case "play":
                    self.playing = True
                    self._start()
                case "pause":
                    self.playing = False
                case "step":
                    self.playing = False
                    self._train(whole=True)
                case "step_batch":
                    self.playing = False
                    self._train(whole=False)
                case "speed":
                    self.speed = value
                case "rate":
                    self.settings = replace(self.settings, rate=value)
                    self.touched |= self.steps > 0
                case "weight":
                    self._edit(value)
            self._tell()

    def close(self) -> None:
        """End the thread."""
        with self.changed:
            self._closed = True
            self.playing = False
            self.changed.notify_all()
        if self._thread is not None:
            self._thread.join()

    def inspection(self) -> Inspection:
        """Return the network of the moment, for the views."""
        with self.changed:
            table = self.table
            units, is_whole = None, len(self.columns) == len(table.columns)
            if is_whole and table.encoder is not None:
                units = ColumnUnits(table.encoder)
            return Inspection(
                network=self.net.copy(),
                X=self.data.X,
                Y=self.data.Y,
                loss=self.loss,
                training=self.training,
                columns=tuple(table.columns[i] for i in self.columns),
                target=table.target,
                classes=table.classes,
                units=units,
                scale=table.scale,
            )

    def state(self) -> dict[str, Any]:
        """Describe the settings, the curve and where training stands."""
        with self.changed:
            return {
                "version": self.version,
                "settings": asdict(self.settings) | {"columns": list(self.columns)},
                "table_columns": list(self.table.columns),
                "tables": [*TOYS, *([OWN] if self.own else [])],
                "own": None if self.own is None else self.own.title,
                "classes": list(self.table.classes),
                "playing": self.playing,
                "speed": self.speed,
                "epoch": self.epoch,
                "step": self.steps,
                "steps_an_epoch": self.config.steps_per_epoch(len(self.rows)),
                "curve": self.curve,
                "problem": self.problem,
                "touched": self.touched,
                "python": code_export.python(
                    self.settings, self.columns, self.table, self.epoch
                ),
            }

    def _python(self) -> str:
        return code_export.python(self.settings, self.columns, self.table, self.epoch)

    def _set_up(self, settings: Settings) -> None:
        """Build everything again; if that fails, nothing changes."""
        table = self._table(settings)
        columns = settings.columns or tuple(range(len(table.columns)))
        if max(columns) >= len(table.columns):
            raise BadRequestError(f"the table has {len(table.columns)} columns")
        loss = Loss("cross_entropy" if table.classes else _number_loss(settings.loss))
        outputs = len(table.classes) if table.classes else table.Y.shape[1]
        net = network(settings, len(columns), outputs, bool(table.classes))
        X = np.ascontiguousarray(table.X[:, list(columns)])
        labels = table.Y if table.classes else None
        rows, held_out = split_rows(len(X), 0.2, seed=settings.seed, labels=labels)
        self.settings, self.table, self.columns = settings, table, columns
        self.net, self.loss, self.rows = net, loss, rows
        self.data = Data(X, table.Y)
        self.training = np.zeros(len(X), bool)
        self.training[rows] = True
        self.workspace = _engine.Workspace(1)
        held = self.data.take(held_out) if len(held_out) else None
        self.task = Task(net, self.data, rows, loss, self.workspace, held)
        batch = min(settings.batch_size, len(rows))
        optimizer = optimizer_of(settings)
        self.config = TrainConfig(
            loss=loss, optimizer=optimizer, epochs=MOST_EPOCHS, batch_size=batch,
            seed=settings.seed,
        )  # fmt: skip
        self.optimizer_state = OptimizerState.fresh(self.task, self.config)
        self.epoch = self.steps = self.position = 0
        self.losses = 0.0
        self.curve: list[list[float | None]] = []
        self.problem, self.touched = "", False
        self.playing = False

    def _table(self, settings: Settings) -> PlayTable:
        if settings.table != OWN:
            return toy(settings.table, settings.noise, settings.seed)
        if self.own is None:
            raise BadRequestError("there is no table of your own: ranvier view --table")
        if isinstance(self.own, PlayTable):
            return self.own
        try:
            return self.own.table
        except (OSError, ValueError) as error:
            raise BadRequestError(f"{self.own.title}: {error}") from error

    def _start(self) -> None:
        if self._thread is None:
            self._thread = Thread(target=self._play, name="playground", daemon=True)
            self._thread.start()

    def _play(self) -> None:
        """Train epoch after epoch while playing, and let others have their turn."""
        due = 0.0
        while True:
            with self.changed:
                while not self.playing and not self._closed:
                    self.changed.wait()
                if self._closed:
                    return
                until = monotonic() + FRAME / 2
                due = max(due, monotonic() - FRAME)
                while self.playing and monotonic() < until:
                    if self.speed and due > monotonic():
                        break
                    due += 1 / self.speed if self.speed else 0.0
                    self._train(whole=True)
                self._tell()
            sleep(FRAME / 2)

    def _train(self, *, whole: bool) -> None:
        """Take one step, or those that are left of an epoch."""
        size = self.config.step_rows(len(self.rows))
        steps = self.config.steps_per_epoch(len(self.rows))
        order = data_order(self.rows, self.config, self.epoch + 1)
        end = len(order) if whole else (self.position + 1) * size
        rows = order[self.position * size : end]
        before = self.net.theta.copy()
        count = -(-len(rows) // size)
        update = engine_update(self.config.step_optimizer, parametric_layers(self.net))
        done = _engine.train_epoch(
            self.net.engine,
            self.net.theta,
            self.optimizer_state.slots,
            self.data.X,
            self.data.Y,
            None,
            rows,
            size,
            self.loss.engine,
            update,
            np.full(count, self.settings.rate),
            self.steps,
            self.config.seed,
            self.epoch + 1,
            self.workspace,
        )
        if done.failed_step >= 0 or not np.isfinite(self.net.theta).all():
            self.net.theta[...] = before
            self.playing = False
            self.problem = "not finite"
            return
        self.steps += count
        self.losses += done.loss * len(rows)
        self.position += count
        if self.position == steps:
            self._end_epoch()

    def _end_epoch(self) -> None:
        self.epoch += 1
        loss, self.losses = self.losses / len(self.rows), 0.0
        self.position = 0
        validation, _ = self.task.scores()
        self.curve.append([self.epoch, loss, validation])
        if len(self.curve) > MOST_POINTS:
            self.curve = self.curve[::2]
        if self.epoch >= MOST_EPOCHS:
            self.playing = False

    def _edit(self, edit: WeightEdit) -> None:
        layers = self.net.dense_layers
        if edit.layer >= len(layers):
            raise BadRequestError(f"the network has {len(layers)} layers")
        layer = layers[edit.layer]
        if edit.j >= layer.units or edit.i >= layer.inputs:
            raise BadRequestError(f"layer {edit.layer} has no such weight")
        if edit.i < 0:
            layer.b[edit.j] = edit.value
        else:
            layer.W[edit.i, edit.j] = edit.value
        self.touched = True

    def _tell(self) -> None:
        self.version += 1
        self.changed.notify_all()


def network(settings: Settings, inputs: int, outputs: int, classes: bool) -> Network:
    """Build the network that settings ask for."""
    from ranvier.network.layers import Dense

    layers = [Dense(layer.units, layer.activation) for layer in settings.layers]
    last = Dense(outputs, "softmax" if classes else "identity")
    return Network(inputs, [*layers, last], seed=settings.seed)


def optimizer_of(settings: Settings) -> StepOptimizer:
    """Build the optimizer that settings ask for."""
    rate, l2 = settings.rate, settings.l2
    match settings.optimizer:
        case "adam":
            return Adam(lr=rate, l2=l2)
        case "adamw":
            return AdamW(lr=rate, weight_decay=l2)
        case "momentum":
            return SGD(lr=rate, momentum=0.9, l2=l2)
        case _:
            return SGD(lr=rate, l2=l2)


def _number_loss(name: str) -> str:
    return "squared_error" if name == "cross_entropy" else name
