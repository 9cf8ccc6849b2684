import json
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import ranvier as rv
from ranvier.commands.row_report import RowReport
from ranvier.tabular.drift import DriftWarning
from ranvier.tabular.model import TableModel

PENGUINS = Path(__file__).resolve().parents[2] / "examples" / "penguins.csv"
HOSTILE = "<script>alert(1)</script>\x1b[2J"


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return pd.read_csv(PENGUINS).dropna().reset_index(drop=True)


@pytest.fixture(scope="module")
def model(table: pd.DataFrame) -> TableModel:
    return rv.fit_table(table, "species", hidden=(8, 8), epochs=20, progress=False)


class Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_plain_json(model: TableModel, table: pd.DataFrame) -> None:
    told = json.loads(json.dumps(RowReport(model, table, 7).to_dict(), allow_nan=False))
    P = model.predict_proba(table.iloc[[7]])[0]
    assert told["prediction"] == model.predict(table.iloc[[7]])[0]
    assert list(told["probabilities"]) == list(model.classes)
    np.testing.assert_allclose(list(told["probabilities"].values()), P, atol=1e-6)
    assert told["truth"] == table.species[7]
    first = model.network(model.encoder.transform(table.iloc[[7]]))[0].astype(float)
    own = first[list(model.classes).index(table.species[7])]
    assert told["loss"] == pytest.approx(-np.log(own), rel=1e-4, abs=1e-7)
    assert told["to"] == pytest.approx(P.max(), abs=1e-6)
    by_column = {c["column"]: c for c in told["contributions"]}
    assert set(by_column) == set(table.columns) - {"species"}
    assert by_column["island"]["value"] == table.island[7]
    total = sum(c["contribution"] for c in told["contributions"])
    assert total == pytest.approx(told["to"] - told["from"], abs=2e-3)
    sizes = [abs(c["contribution"]) for c in told["contributions"]]
    assert sizes == sorted(sizes, reverse=True)
    assert told["shapes"][0].endswith("-> [1, 8]  mish")
    assert told["paths"][0]["path"].endswith(f"output {told['explained']}")


def test_text(model: TableModel, table: pd.DataFrame) -> None:
    text = "\n".join(RowReport(model, table, 7).lines())
    assert text.startswith("Row 7: species is predicted as ")
    assert f"The table says {table.species[7]}: the loss of the first network" in text
    assert (
        "The prediction is the mean of 8 networks. What follows is from the first one."
        in text
    )
    assert "completeness gap" in text
    assert f"island = {table.island[7]} " in text
    assert f"body_mass_g = {table.body_mass_g[7]:g} " in text
    assert "layer 3: [1, 8] x [8, 3] + [3] -> [1, 3]  softmax" in text


def test_the_page_needs_nothing_else(model: TableModel, table: pd.DataFrame) -> None:
    html = RowReport(model, table, 7).to_html()
    page = Page(html)
    assert {"script", "img", "link", "iframe"}.isdisjoint(page.tags)
    assert page.links == []
    assert "default-src 'none'" in html
    assert page.tags.count("math") > 6
    assert "What the error would change" in page.text
    assert f"island = {table.island[7]}" in page.text
    assert "The prediction is the mean of 8 networks." in page.text


def test_without_the_target(model: TableModel, table: pd.DataFrame) -> None:
    told = RowReport(model, table.drop(columns="species"), 0)
    assert "loss" not in told.to_dict()
    assert told.explanations() == []
    assert "The table says" not in told.to_html()


def test_numbers_are_told_in_their_own_units(table: pd.DataFrame) -> None:
    model = rv.fit_table(table, "body_mass_g", hidden=(8,), epochs=20, progress=False)
    told = RowReport(model, table, 3)
    data = told.to_dict()
    assert data["prediction"] == pytest.approx(model.predict(table.iloc[[3]])[0])
    assert data["to"] == pytest.approx(data["prediction"], rel=1e-5)
    assert "probabilities" not in data
    assert told.lines()[0].startswith("Row 3: body_mass_g is predicted as ")


def test_the_paths_are_parts_of_the_outputs_gradient(model, table) -> None:
    told = RowReport(model, table, 7)
    for path in told.paths:
        product = np.prod([part.value for part in path.factors])
        assert product == pytest.approx(path.value)
    sizes = [abs(path.value) for path in told.paths]
    assert sizes == sorted(sizes, reverse=True)


def test_hostile_names_and_values_are_text() -> None:
    frame = pd.DataFrame({HOSTILE: np.arange(40.0), "b": [HOSTILE, "other"] * 20})
    frame["y"] = np.where(frame.b == HOSTILE, HOSTILE, "fine")
    model = rv.fit_table(frame, "y", hidden=(4,), epochs=3, progress=False)
    told = RowReport(model, frame, 0)
    page = Page(told.to_html())
    assert "script" not in page.tags
    assert "<script>alert(1)</script>" in page.text
    assert "\x1b" not in "\n".join(told.lines()) + page.text


def test_a_row_that_is_not_there(model: TableModel, table: pd.DataFrame) -> None:
    for row in (-1, len(table)):
        with pytest.raises(ValueError, match=f"row {row} does not exist"):
            RowReport(model, table, row)


def test_a_missing_value_is_called_so(model: TableModel, table: pd.DataFrame) -> None:
    frame = table.assign(sex=table.sex.where(table.index != 0))
    with pytest.warns(DriftWarning, match="'sex' has no value in 1 row"):
        data = RowReport(model, frame, 0).to_dict()
    values = {c["column"]: c["value"] for c in data["contributions"]}
    assert values["sex"] == "(missing)"
