import numpy as np

from ranvier.tabular.target_leakage import leakage_notice, leaking_columns

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
