import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from raw_tables import mixed

from ranvier.tabular.decoding import decode, numbers_among
from ranvier.tabular.encoding import Encoding


def test_every_column_comes_back_in_its_units() -> None:
    table, _ = mixed()
    minutes = pd.to_timedelta(np.arange(200) * 37, "min")
    table["hour"] = pd.Timestamp("2024-01-01") + minutes
    for places in (True, False):
        encoding = Encoding.fit(table, places=places)
        told = decode(encoding, encoding.transform(table))
        assert list(told) == list(table.columns)
        np.testing.assert_allclose(told["size"], table["size"], rtol=1e-4, atol=1e-5)
        for name in ("kind", "code"):
            expected = table[name].astype(object).where(table[name].notna(), None)
            assert told[name].tolist() == expected.tolist()
        assert (told["day"] == table.day).all()
        gap = np.abs(told["hour"] - table.hour.to_numpy())
        assert gap.max() <= np.timedelta64(60, "s")


def test_what_training_had_not_seen_is_other() -> None:
    table, _ = mixed()
    encoding = Encoding.fit(table)
    row = table.iloc[:1].assign(code="never")
    assert decode(encoding, encoding.transform(row))["code"].tolist() == ["(other)"]


def test_a_constant_column_with_gaps() -> None:
    table = pd.DataFrame({"a": [1.0, np.nan] * 20, "b": np.arange(40.0)})
    encoding = Encoding.fit(table)
    told = decode(encoding, encoding.transform(table))
    np.testing.assert_array_equal(told["a"], table.a)


@given(
    st.lists(st.integers(-(10**6), 10**6), min_size=4, max_size=40, unique=True),
    st.sampled_from([1e-30, 1.0, 1e30]),
)
def test_numbers_of_any_scale(wholes: list[int], unit: float) -> None:
    """What is near the middle comes back, to what float32 holds of the scaled one."""
    table = pd.DataFrame({"x": np.array(wholes) * unit})
    encoding = Encoding.fit(table)
    spread = encoding.spreads["x"]
    near = np.abs(table.x - spread.median) < 3 * spread.width
    told = decode(encoding, encoding.transform(table))["x"]
    np.testing.assert_allclose(told[near], table.x[near], atol=1e-4 * spread.width)


def test_which_inputs_are_numbers() -> None:
    table, _ = mixed()
    encoding = Encoding.fit(table)
    names = [encoding.names[place] for place in numbers_among(encoding)]
    assert names[0] == "size"
    assert all(name.startswith("day: ") for name in names[1:])
    assert not any("bin" in name for name in names)
