"""The Python that does what the playground has done."""

import json

from ranvier.live.playground_tables import OWN, PlayTable
from ranvier.live.settings import Settings


def python(
    settings: Settings, columns: tuple[int, ...], table: PlayTable, epochs: int
) -> str:
    """Write the program: the same table, network and training, the same weights."""
    lines = ["import ranvier as rv", *_rows(settings, columns, table), ""]
    layers = [
        f"    rv.Dense({layer.units}, {layer.activation!r}),"
        for layer in settings.layers
    ]
    if table.classes:
        last = f"    rv.Dense({len(table.classes)}, 'softmax'),"
    else:
        last = f"    rv.Dense({table.Y.shape[1]}),"
    lines += [
        f"layers = [\n{chr(10).join([*layers, last])}\n]",
        f"net = rv.Network({len(columns)}, layers, seed={settings.seed})",
        "history = rv.train(",
        "    net,",
        "    X,",
        "    y,",
        *([] if table.classes else [f"    loss={_loss(settings.loss)!r},"]),
        f"    optimizer={_optimizer(settings)},",
        f"    epochs={max(epochs, 1)},",
        f"    batch_size={settings.batch_size},",
        "    validation=0.2,",
        f"    seed={settings.seed},",
        ")",
        "print(history)",
    ]
    return "\n".join(lines) + "\n"


def _rows(settings: Settings, columns: tuple[int, ...], table: PlayTable) -> list[str]:
    chosen = "" if len(columns) == len(table.columns) else f"[:, {list(columns)}]"
    if settings.table == OWN:
        path, target = json.dumps(table.title), json.dumps(table.target)
        lines = [
            "from pathlib import Path",
            "from ranvier.live.playground_tables import own_table",
            "",
            f"table = own_table(Path({path}), {target})",
        ]
    else:
        lines = [
            "from ranvier.live.playground_tables import toy",
            "",
            f"table = toy({settings.table!r}, noise={settings.noise!r}, "
            f"seed={settings.seed})",
        ]
    return [*lines, f"X, y = table.X{chosen}, table.Y"]


def _loss(name: str) -> str:
    return "squared_error" if name == "cross_entropy" else name


def _optimizer(settings: Settings) -> str:
    rate, l2 = settings.rate, settings.l2
    penalty = f", l2={l2!r}" if l2 else ""
    return {
        "adam": f"rv.Adam(lr={rate!r}{penalty})",
        "adamw": f"rv.AdamW(lr={rate!r}, weight_decay={l2!r})",
        "momentum": f"rv.SGD(lr={rate!r}, momentum=0.9{penalty})",
        "sgd": f"rv.SGD(lr={rate!r}{penalty})",
    }[settings.optimizer]
