"""What a network learns of each column of the encoded matrix."""

from __future__ import annotations

from typing import Any

from ranvier.network.columns import Category, Plain
from ranvier.network.embedding import Embedding
from ranvier.table.column_encoding import CodeEncoding, NumericEncoding
from ranvier.table.encoder import TableEncoder
from ranvier.tabular.hyperparameters import Hyperparameters

CODE_WIDTH = 8  # learned numbers for each code of a category


def input_embedding(
    encoder: TableEncoder, hyperparameters: Hyperparameters
) -> Embedding:
    """Return the embedding of all columns.

    Codes are looked up in a learned table; scaled numbers are embedded as the
    hyperparameters say; all else goes into the network as it is.
    """
    columns: list[Any] = []
    for encoding in encoder.encodings:
        if isinstance(encoding, CodeEncoding):
            columns.append(Category(encoding.size, CODE_WIDTH))
            continue
        plain = len(encoding.names)
        if isinstance(encoding, NumericEncoding):
            for part in encoding.parts:
                columns.append(hyperparameters.number(part.bins.edges))
                bins = len(part.bins) * encoding.with_bins
                columns += [Plain()] * bins
                plain -= 1 + bins
        columns += [Plain()] * plain
    return Embedding(columns, scale=hyperparameters.scale_rate > 0)
