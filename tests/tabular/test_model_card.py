"""model_card.py: what a card says of a model, whatever its columns are called."""

import numpy as np
import pandas as pd
import pytest

import ranvier as rv

RNG = np.random.default_rng(0)


def table(n: int = 200) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "size": RNG.normal(size=n).round(2),
            "many": RNG.choice([f"v{i:02}" for i in range(20)], n),
            "day": pd.Timestamp("2024-01-01")
            + pd.to_timedelta(RNG.integers(0, 400, n), unit="D"),
        }
    )
    frame.loc[:4, "size"] = np.nan
    frame["kind"] = np.where(frame["size"].fillna(0) + RNG.normal(size=n) > 0, "a", "b")
    return frame


def test_a_card_of_classes() -> None:
    frame = table()
    model = rv.fit_table(frame, "kind", effort="fast", epochs=3)
    card = model.card("Kinds")
    header, heading = card.split("# Kinds")
    assert header == "---\nlibrary_name: ranvier\n" + (
        "tags: [tabular-classification, tabular]\n---\n\n"
    )
    assert "Predicts the class kind: a, b." in heading
    low, high = frame["size"].min(), frame["size"].max()
    assert f"| size | number | {low:g} to {high:g} | 5 |" in card
    assert "v00, v01, " in card
    assert "and 8 more | 0 |" in card
    assert "| day | date |" in card
    assert f"{len(model.members)} network(s), each {model.members[0].inputs}-" in card
    assert "No rows were held out" in card


def test_a_card_of_numbers_with_scores() -> None:
    frame = table().drop(columns="kind").assign(price=RNG.normal(size=200))
    model = rv.fit_table(frame, "price", effort="fast", epochs=3)
    card = model.card()
    assert "tags: [tabular-regression, tabular]" in card
    assert "Predicts the number(s) price." in card
    assert "stay within the range of the target" in card


@pytest.mark.parametrize("name", ["a|b", "<img src=x>", "two\nlines", "몸무게", "`x`"])
def test_names_do_not_break_the_table(name: str) -> None:
    frame = table()[["size", "kind"]].rename(columns={"size": name})
    card = rv.fit_table(frame, "kind", effort="fast", epochs=2).card(name)
    (row,) = [line for line in card.splitlines() if "| number |" in line]
    assert row.replace("\\|", "").count("|") == 5
    assert "<" not in card.replace("\\<", "")
