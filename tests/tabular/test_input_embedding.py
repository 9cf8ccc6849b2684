import pandas as pd
import pytest
from raw_tables import mixed

from ranvier.network.columns import Category, Periodic, Piecewise, Plain
from ranvier.table.encoder import TableEncoder
from ranvier.tabular.hyperparameters import Hyperparameters
from ranvier.tabular.input_embedding import CODE_WIDTH, input_embedding


@pytest.mark.parametrize(
    ("numbers", "kind"),
    [
        ("bins", Plain),
        ("plain", Plain),
        ("periodic", Periodic),
        ("piecewise", Piecewise),
    ],
)
def test_each_column_of_the_matrix(numbers: str, kind: type) -> None:
    table, _ = mixed()
    hyperparameters = Hyperparameters(1, numeric_encoding=numbers)
    encoder = TableEncoder.fit(table, **hyperparameters.encoding())
    embedding = input_embedding(encoder, hyperparameters)
    assert embedding.inputs == len(encoder.names)
    for i, column in enumerate(embedding.columns):
        if i in encoder.numeric_columns:
            edges = encoder.numeric_columns[i].bins.edges
            expected = kind if kind is not Piecewise or len(edges) > 2 else Plain
            assert isinstance(column, expected), encoder.names[i]
        elif encoder.names[i] == "code":
            assert column == Category(13, CODE_WIDTH)
        else:
            assert column == Plain()


def test_a_scale_only_where_it_has_a_rate() -> None:
    encoder = TableEncoder.fit(pd.DataFrame({"x": range(9)}))
    assert input_embedding(encoder, Hyperparameters(1)).scaled
    assert not input_embedding(encoder, Hyperparameters(1, scale_rate=0.0)).scaled
