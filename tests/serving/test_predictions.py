"""predictions.py: what a model predicts, as JSON has it."""

import json

import numpy as np
import pandas as pd
from served import fitted, table

import ranvier as rv
from ranvier.serving.predictions import predict


def test_infinite_bounds_are_null() -> None:
    rows = table(3).drop(columns=["kind", "price"])
    found = predict(fitted("price"), rows, 0.9999)
    assert found[0]["low"] is None
    json.dumps(found, allow_nan=False)


def test_labels_keep_their_type() -> None:
    frame = pd.DataFrame({"x": np.arange(80.0), "y": np.arange(80) % 7 > 2})
    model = rv.fit_table(frame, "y", effort="fast", epochs=2)
    labels = {type(each["label"]) for each in predict(model, frame, None)}
    assert labels <= {bool, str}
    frame["y"] = frame["y"].map({True: 5, False: 3})
    model = rv.fit_table(frame, "y", task="classification", effort="fast", epochs=2)
    found = predict(model, frame, None)
    assert [each["label"] for each in found] == model.predict(frame).tolist()


def test_several_targets_have_names() -> None:
    X = np.random.default_rng(0).normal(size=(80, 2))
    regressor = rv.TabularRegressor(effort="fast").fit(X, X * [1, 10])
    encodings = regressor.model_.encoder.encodings
    columns = {e.column.name: X[:, i] for i, e in enumerate(encodings)}
    found = predict(regressor.model_, columns, None)
    assert list(found[0]["prediction"]) == list(regressor.model_.outputs.names)
