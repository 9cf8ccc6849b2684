import numpy as np

from ranvier.tabular.target_leakage import (
    leakage_notice,
    leaking_columns,
    ordered_columns,
)

rng = np.random.default_rng(0)


def test_a_class_and_a_number_that_stand_there_twice() -> None:
    y = rng.integers(0, 3, 400)
    columns = {"same": (y * 7.0), "noise": rng.normal(size=400)}
    assert leaking_columns(columns, y) == ["same"]
    number = rng.uniform(size=4000)
    columns = {"same": 3 - number, "near": number + rng.normal(size=4000) * 0.1}
    assert leaking_columns(columns, number) == ["same"]
    far = rng.normal(size=4000) ** 3
    assert leaking_columns(
        {"same": far * 5, "near": far + rng.normal(size=4000)}, far
    ) == ["same"]
    assert "'same' alone predict" in leakage_notice(["same"])


def test_few_rows_and_columns_of_names_prove_nothing() -> None:
    y = np.arange(50) % 2
    assert leaking_columns({"same": y.astype(float)}, y) == []
    y = rng.integers(0, 2, 400)
    assert leaking_columns({"code": np.arange(400.0)}, y) == []


def test_few_rows_and_a_threshold() -> None:
    x = rng.normal(size=(120, 2))
    large = (x[:, 0] > 0.3).astype(np.int64)
    columns = {"same": x[:, 0], "near": x[:, 0] + rng.normal(size=120) * 0.1}
    assert ordered_columns(columns | {"noise": x[:, 1]}, large) == ["same"]
    assert ordered_columns({"same": np.exp(x[:, 0]), "noise": x[:, 1]}, x[:, 0]) == [
        "same"
    ]
    # Most rows have one value, in a table that is sorted by class.
    sorted_classes = np.repeat([1, 0], 200)
    mostly_0 = np.where(np.arange(400) < 120, -np.arange(400) - 1.0, 0.0)
    assert ordered_columns({"mostly 0": mostly_0}, sorted_classes) == []
    # One row can stand at the end of a column by chance.
    last = (x[:, 1] >= x[:, 1].max()).astype(np.int64)
    assert ordered_columns({"noise": x[:, 1]}, last) == []
