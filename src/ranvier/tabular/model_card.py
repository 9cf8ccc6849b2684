"""A model card in Markdown: what a model is, from what, how good, and its limits.

Mitchell et al., "Model cards for model reporting", 2019. The header is the YAML that
model hubs read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ranvier.metrics import SCORES
from ranvier.table.column_types import Category, Number
from ranvier.tabular.metadata import TrainingMetadata
from ranvier.tabular.outputs import ClassOutputs, NumberOutputs

MOST_VALUES = 12  # of a category that are listed


def write_card(model: Any, name: str) -> str:
    """Write the card of a `TableModel`; see its method ``card``."""
    numbers = isinstance(model.outputs, NumberOutputs)
    kind = "regression" if numbers else "classification"
    lines = [
        "---",
        "library_name: ranvier",
        f"tags: [tabular-{kind}, tabular]",
        "---",
        "",
        f"# {_text(name)}",
        "",
        *_task(model),
        "",
        "## Columns",
        "",
        *_columns(model),
        "",
        "## Training",
        "",
        *_training(model),
        "",
        "## Scores",
        "",
        *_scores(model.metadata),
        "",
        "## Limits",
        "",
        *_limits(model),
    ]
    return "\n".join(lines) + "\n"


def _task(model: Any) -> Iterator[str]:
    outputs = model.outputs
    if isinstance(outputs, NumberOutputs):
        yield f"Predicts the number(s) {_texts(outputs.names)}."
    elif isinstance(outputs, ClassOutputs):
        yield f"Predicts the class {_text(outputs.name)}: {_texts(outputs.names)}."
    else:
        yield f"Predicts which of these labels hold: {_texts(outputs.names)}."


def _columns(model: Any) -> Iterator[str]:
    """Write a row for each column of the table, with what training saw of it."""
    yield "| column | type | in training | missing |"
    yield "|---|---|---|---:|"
    for column in model.encoder.schema.used:
        if isinstance(column, Category):
            more = len(column.categories) - MOST_VALUES
            seen = _texts(column.categories[:MOST_VALUES])
            seen += f" and {more} more" if more > 0 else ""
        elif isinstance(column, Number):
            seen = f"{column.minimum:g} to {column.maximum:g}"
        else:
            seen = ""
        yield f"| {_text(column.name)} | {column.kind} | {seen} | {column.missing:,} |"


def _training(model: Any) -> Iterator[str]:
    metadata = model.metadata
    net = model.members[0]
    sizes = [net.inputs, *(layer.units for layer in net.dense_layers)]
    yield f"- {len(model.members)} network(s), each {'-'.join(map(str, sizes))}"
    yield f"- {metadata.rows:,} rows, in {metadata.seconds:.3g} seconds"
    seed = "none given" if metadata.seed is None else metadata.seed
    yield f"- {metadata.created}, Ranvier {metadata.version}, seed {seed}"
    for notice in model.notices:
        yield f"- {_text(notice)}"


def _scores(metadata: TrainingMetadata) -> Iterator[str]:
    if not metadata.scores:
        yield "No rows were held out: score the model with `evaluate` on rows of yours."
        return
    yield f"On {metadata.test_rows:,} rows that were held out from training:"
    yield ""
    yield "| score | value |"
    yield "|---|---:|"
    for name, value in metadata.scores.items():
        yield f"| {SCORES[name].title if name in SCORES else name} | {value:.4g} |"


def _limits(model: Any) -> Iterator[str]:
    yield (
        "- Rows unlike those of training (the table above) are predicted, with a "
        "warning: see `drift`."
    )
    if isinstance(model.outputs, NumberOutputs):
        yield "- Predictions stay within the range of the target in training."
        held_out = model.residuals is not None and len(model.residuals)
        if not held_out:
            yield "- There are no intervals: too few rows were held out."
    yield "- Held-out rows resemble the training rows; later or other ones may not."


def _texts(values: Sequence[object]) -> str:
    return ", ".join(map(_text, values))


def _text(value: object) -> str:
    """Write a text so that Markdown and HTML show it as it is, on one line."""
    plain = " ".join(str(value).split())
    for letter in "\\`*_[]<>|#":
        plain = plain.replace(letter, "\\" + letter)
    return plain
