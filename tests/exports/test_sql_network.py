"""Networks in SQL give what Python gives, with every activation and column."""

import duckdb
import numpy as np
import pandas as pd
import pytest
from networks import everything, with_activation

from ranvier.exports.sql_network import FORMULAS, NetworkQuery, softmax
from ranvier.exports.sql_text import Query
from ranvier.exports.verification import probe_rows, relative_gap
from ranvier.network.activations import NAMES


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_activation_and_column(dtype: str) -> None:
    count = 0
    for net in everything(dtype):
        if any(layer.activation.name == "gelu" for layer in net.dense_layers):
            continue
        X = probe_rows(net)
        network = NetworkQuery(net, "m")
        query = Query("SELECT x FROM given")
        for step in network.steps:
            query.add(step)
        frame = pd.DataFrame({"x": X.astype(float).tolist()})
        with duckdb.connect() as database:
            database.register("given", frame)
            rows = database.execute(query.select(network.outputs)).fetchall()
        found = np.array(rows)[:, 0]
        bound = 2e-6 if dtype == "float32" else 1e-9
        assert relative_gap(found, net(X)) <= bound, net
        count += 1
    assert count > len(FORMULAS)


def test_what_sql_lacks_is_refused() -> None:
    assert NAMES.keys() - FORMULAS.keys() == {"gelu", "softmax"}
    with pytest.raises(TypeError, match="'gelu' cannot be written in SQL"):
        NetworkQuery(with_activation("gelu", "float32"), "m")


def test_softmax_of_large_numbers() -> None:
    query = Query("SELECT [1000.0::DOUBLE, 999, -1e308] AS z")
    for step in softmax("z", "p"):
        query.add(step)
    with duckdb.connect() as database:
        ((p,),) = database.execute(query.select("p")).fetchall()
    assert p == pytest.approx([1 / (1 + np.exp(-1)), 1 / (1 + np.exp(1)), 0])
