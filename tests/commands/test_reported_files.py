"""Files that gave wrong results, or none, without a word: each with its right value.

They lie beside the repository; others of the same kinds are made in tests/reading.
"""

import json
from typing import Any

import pandas as pd
import pytest

import ranvier as rv
import real_tables
from command_line import Run
from command_line import run as run

FOLDER = real_tables.FOLDER.parents[1] / "inputs" / "tables"

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the folder of reported files is absent"
)

OPTIONS = ["--effort", "fast", "--no-run", "-o", "m.safetensors", "--force"]


class Trained:
    """What ``ranvier train`` printed."""

    def __init__(self, run: Run, name: str, target: str, *more: str) -> None:
        done = run("train", FOLDER / name, "-t", target, "--json", *OPTIONS, *more)
        assert done.exit_code == 0, done.stderr
        self.printed = json.loads(done.stdout)
        self.said = " ".join(
            [*self.printed["notices"], *self.printed["data"]["notices"]]
        )

    @property
    def scores(self) -> dict[str, float]:
        return dict(self.printed["scores"]["Ranvier"])

    @property
    def kinds(self) -> dict[str, str]:
        return {column["name"]: column["kind"] for column in self.printed["columns"]}


def refused(run: Run, name: str, target: str) -> str:
    done = run("train", FOLDER / name, "-t", target, *OPTIONS)
    assert done.exit_code == 1, done.output
    return done.stderr


def test_months_and_days_are_never_swapped(run: Run) -> None:
    Trained(run, "us_dates_train.csv", "bill")
    done = run("predict", "m.safetensors", FOLDER / "us_dates_new.csv", "-o", "p.csv")
    assert done.exit_code == 0, done.stderr
    truth = pd.read_csv(FOLDER / "us_dates_new.csv")["bill"]
    assert ((pd.read_csv("p.csv").iloc[:, 0] - truth) ** 2).mean() ** 0.5 < 5


@pytest.mark.parametrize(
    ("name", "target", "score", "least"),
    [
        ("de_a.csv", "miete", "r2", 0.95),
        ("de_d.csv", "art", "accuracy", 0.95),
        ("duration.parquet", "wait", "r2", 0.99),
        ("leading_zeros.csv", "fips", "accuracy", 0.9),
        ("wb.csv", "life", "r2", 0.6),
        ("dates_excel_us.csv", "total", "r2", 0.98),
    ],
)
def test_columns_are_read_for_what_they_are(
    run: Run, name: str, target: str, score: str, least: float
) -> None:
    if name == "duration.parquet":
        target = pd.read_parquet(FOLDER / name).columns[-1]
    assert Trained(run, name, target).scores[score] >= least


def test_kinds_of_columns(run: Run) -> None:
    assert Trained(run, "de_d.csv", "art").kinds["betrag"] == "number"
    assert Trained(run, "dates_excel_us.csv", "total").kinds["when"] == "date"
    trained = Trained(run, "wb.csv", "life")
    assert trained.kinds["gdp_pc"] == trained.kinds["unemployment"] == "number"
    assert "'..'" in trained.said


def test_letters_beyond_ascii(run: Run) -> None:
    kinds = Trained(run, "degc.csv", "class").kinds
    assert {"temp (°C)", "dose (µg)"} <= kinds.keys()


def test_wide_ids_come_back_as_they_are(run: Run) -> None:
    Trained(run, "bigid_target.csv", "account")
    path = FOLDER / "bigid_target.csv"
    done = run("predict", "m.safetensors", path, "-o", "p.csv")
    assert done.exit_code == 0, done.stderr
    predicted = pd.read_csv("p.csv", dtype=str).iloc[:, 0]
    truth = pd.read_csv(path, dtype=str)["account"]
    assert set(predicted) <= set(truth)
    assert (predicted == truth).mean() > 0.98


def test_an_index_of_pandas_is_no_input(run: Run) -> None:
    trained = Trained(run, "pandas_index.parquet", "species")
    assert "__index_level_0__" not in trained.kinds
    assert "index" in trained.said


def test_json_lines_of_many_keys(run: Run) -> None:
    assert len(Trained(run, "wide_num.jsonl.gz", "y").kinds) == 250


@pytest.mark.parametrize(
    ("name", "target", "option"),
    [
        ("series.csv", "price", "--time day"),
        ("patients.csv", "dx", "--groups patient"),
        ("dupes.csv", "t", "copies"),
    ],
)
def test_what_a_random_split_hides(
    run: Run, name: str, target: str, option: str
) -> None:
    assert option in Trained(run, name, target).said


def test_honest_scores(run: Run) -> None:
    assert Trained(run, "series.csv", "price", "--time", "day").scores["r2"] < 0
    new = Trained(run, "patients.csv", "dx", "--groups", "patient").scores
    assert new["accuracy"] < 0.75


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_class_called_NA() -> None:  # noqa: N802
    frame = pd.read_csv(FOLDER / "na_target.csv", keep_default_na=False)
    model = rv.fit_table(frame, "region", effort="fast")
    assert len(model.classes) == 3


@pytest.mark.parametrize(
    ("name", "target", "said"),
    [
        ("comment.csv", "species", "--skip"),
        ("footer2.csv", "species", "--skip"),
        ("twohdr_small.csv", "column3", "--header 2"),
        ("units_dash.csv", "level", "--header 2"),
    ],
)
def test_what_lies_around_a_table_is_named(
    run: Run, name: str, target: str, said: str
) -> None:
    done = run("train", FOLDER / name, "-t", target, *OPTIONS)
    assert said in done.output + done.stderr


def test_a_line_that_names_the_delimiter(run: Run) -> None:
    assert "';'" in Trained(run, "sep.csv", "species").said


def test_new_rows_far_outside_of_training(run: Run) -> None:
    new = pd.read_csv(FOLDER / "drift_scale.csv")
    rng = new.sample(frac=1, random_state=0)
    small = rng.assign(x=rng.x / 1000)
    model: Any = rv.fit_table(small, small.columns[-1], effort="fast")
    with pytest.warns(rv.DriftWarning, match="'x' is outside"):
        model.predict(new)
