"""Why a model predicts what it does for a row: as plain JSON, as text and as a page."""

from __future__ import annotations

import html
from typing import Any, Final

import numpy as np

from ranvier.commands.report import Report, describe_networks
from ranvier.messages import plain
from ranvier.table.frames import columns_of, take_rows
from ranvier.tabular.model import TableModel
from ranvier.tabular.outputs import ClassOutputs
from ranvier.trace.explanation import Explanation, arrows
from ranvier.trace.formulas import number
from ranvier.trace.integrated_gradients import attribute
from ranvier.trace.paths import Path, prediction_paths
from ranvier.trace.product import MatrixProduct
from ranvier.trace.row_selection import taken_rows
from ranvier.trace.table_values import text
from ranvier.trace.trace import Trace

MOST_PATHS: Final = 3
PATHS: Final = "The strongest paths, and what each adds to z of the output"


class RowReport:
    """One row through a model: contributions, paths, shapes, and what the error does.

    The contributions are those to the model's prediction. Paths, shapes and the error
    are those of its first network.

    Parameters
    ----------
    model
        The model.
    frame
        A table as for `TableModel.predict`.
    row
        Which of its rows, counted from 0.

    Raises
    ------
    ValueError
        There is no such row; or as for `TableModel.predict`.
    """

    def __init__(self, model: TableModel, frame: Any, row: int) -> None:
        taken = take_rows(frame, taken_rows([row], len(frame)))
        self.model, self.row = model, row
        self.trace: Trace = model.trace(taken)
        self.attribution = attribute(model, taken)
        output = int(self.attribution.output[0])
        trace = self.trace
        columns = tuple(map(plain, trace.columns))
        outputs = tuple(map(plain, trace.outputs))
        self.paths: tuple[Path, ...] = prediction_paths(
            trace.layers, 0, output, columns, outputs, MOST_PATHS
        )
        given = columns_of(taken)
        self.values = {name: series.to_list()[0] for name, series in given.items()}
        self.prediction = model.predict(taken).tolist()[0]
        self.probabilities = None
        if isinstance(model.outputs, ClassOutputs):
            self.probabilities = model.predict_proba(taken)[0]

    def to_dict(self) -> Report:
        """Return the report as plain JSON."""
        found, outputs = self.attribution, self.model.outputs
        named = dict(zip(found.columns, found.contributions[0].tolist(), strict=True))
        known = self.trace.loss is not None
        report: Report = {
            "row": self.row,
            "target": outputs.name,
            "prediction": self.prediction,
            "explained": found.outputs[found.output[0]],
            "from": float(found.baseline[0]),
            "to": float(found.prediction[0]),
            "contributions": [
                {"column": name, "value": text(self.values[name]), "contribution": c}
                for name, c in sorted(named.items(), key=_by_size)
            ],
            "completeness_gap": found.gap,
            "paths": [{"path": p.text, "value": p.value} for p in self.paths],
            "shapes": self._shapes(),
            "network": describe_networks(self.model.networks),
            "notes": list(self.trace.notes),
        }
        if self.probabilities is not None:
            P = self.probabilities.tolist()
            report["probabilities"] = dict(zip(outputs.names, P, strict=True))
        if known:
            report["truth"] = text(self.values[outputs.name])
            report["loss"] = self.trace.L
        return report

    def _texts(self) -> dict[str, str]:
        return {name: text(value) for name, value in self.values.items()}

    def _shapes(self) -> list[str]:
        layers = self.trace.layers
        return [f"{MatrixProduct.of(own).shapes}  {own.activation}" for own in layers]

    def lines(self) -> list[str]:
        """Return the report as lines of text."""
        report = self.to_dict()
        lines = [self._headline(report)]
        if "loss" in report:
            lines.append(f"The table says {plain(report['truth'])}: {self._loss()}.")
        contributions = self.attribution.describe(0, self._texts()).splitlines()
        lines += ["", *contributions, "", *self._whose(), PATHS + ":"]
        lines += [f"  {number(path.value):>12}  {path.text}" for path in self.paths]
        lines += ["", "The matrix products, Z = X W + b and then f:"]
        lines += [f"  layer {k}: {text}" for k, text in enumerate(self._shapes(), 1)]
        return lines

    def _loss(self) -> str:
        first = " of the first network" if len(self.model.networks) > 1 else ""
        return f"the loss{first} is {number(self.trace.L)} ({self.trace.loss})"

    def _whose(self) -> list[str]:
        """Say which network the rest is of, where there are several."""
        count = len(self.model.networks)
        if count == 1:
            return []
        return [
            f"The prediction is the mean of {count} networks. "
            "What follows is from the first one."
        ]

    def _headline(self, report: Report) -> str:
        name = plain(self.model.target)
        if "probabilities" not in report:
            return f"Row {self.row}: {name} is predicted as {number(report['to'])}"
        probability = report["to"]
        label = plain(report["explained"])
        return f"Row {self.row}: {name} is predicted as {label}, {probability:.1%}"

    def explanations(self) -> list[Explanation]:
        """Explain the weight with the largest gradient of each layer, if L is known."""
        if self.trace.loss is None:
            return []
        found = []
        for own in self.trace.layers:
            i, j = np.unravel_index(np.abs(own.dW).argmax(), own.dW.shape)
            found.append(self.trace.explain(f"W{own.number}[{i},{j}]"))
        return found

    def to_html(self) -> str:
        """Return the report as one page that needs nothing else."""
        report = self.to_dict()
        title = html.escape(self._headline(report))
        parts = [f"<h1>{title}</h1>"]
        if "loss" in report:
            truth = html.escape(plain(report["truth"]))
            parts.append(f"<p>The table says {truth}: {html.escape(self._loss())}.</p>")
        parts += [
            "<h2>What each column contributed</h2>",
            self.attribution.to_html(0, self._texts()),
            *(f"<p>{text}</p>" for text in self._whose()),
            f"<h2>{PATHS}</h2>",
            _table(["value", "path", "factors"], [_path(path) for path in self.paths]),
            "<h2>The matrix products</h2>",
            "<p>Z = X W + b, and then A = f(Z), for one row:</p>",
            _table(["layer", "shapes and f"], list(enumerate(self._shapes(), 1))),
        ]
        if explained := self.explanations():
            parts.append(
                "<h2>What the error would change</h2><p>Of each layer the weight with "
                "the largest gradient, and the chain rule that gives it:</p>"
            )
            parts += [explanation.to_html() for explanation in explained]
        parts += [f"<p>{html.escape(note)}</p>" for note in self.trace.notes]
        return PAGE.format(title=title, body="\n".join(parts))


# The policy lets nothing in: the page needs no script, no picture and no connection.
PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
body{{font:1rem/1.5 system-ui,sans-serif;max-width:60rem}}
body{{margin:2rem auto;padding:0 1rem}}
h1{{font-size:1.4rem}} h2{{font-size:1.1rem;margin-top:2rem}}
table{{border-collapse:collapse;margin:.5em 0;display:block;overflow-x:auto}}
th,td{{text-align:left;padding:.2em .8em .2em 0;vertical-align:top}}
</style>
</head>
<body>
{body}
</body>
</html>
"""


def _by_size(item: tuple[str, float]) -> float:
    return -abs(item[1])


def _path(path: Path) -> list[str]:
    factors = " \N{MULTIPLICATION SIGN} ".join(number(p.value) for p in path.factors)
    return [number(path.value), arrows(path.text), factors]


def _table(headings: list[str], rows: list[Any]) -> str:
    head = "".join(f"<th>{heading}</th>" for heading in headings)
    body = "".join(
        f"<tr>{''.join(f'<td>{html.escape(plain(cell))}</td>' for cell in row)}</tr>"
        for row in rows
    )
    return f"<table><tr>{head}</tr>{body}</table>"
