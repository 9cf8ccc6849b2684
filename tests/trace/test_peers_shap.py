"""SHAP takes Ranvier's contributions, and explains its models on raw tables."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import ranvier as rv

pytestmark = pytest.mark.peers
shap = pytest.importorskip("shap")

TABLE = pd.read_csv("examples/penguins.csv").dropna().reset_index(drop=True)
ROWS = TABLE.drop(columns="species").head(20)


@pytest.fixture(scope="module")
def model() -> rv.TableModel:
    return rv.fit_table(TABLE, "species", effort="fast", epochs=10)


def test_contributions_as_an_explanation(model: rv.TableModel) -> None:
    attribution = rv.attribute(model, ROWS)
    explanation = attribution.to_shap(ROWS)
    assert isinstance(explanation, shap.Explanation)
    assert explanation.feature_names == list(attribution.columns)
    total = explanation.base_values + explanation.values.sum(axis=1)
    np.testing.assert_allclose(
        total, attribution.prediction, atol=attribution.gap + 1e-9
    )
    island = attribution.columns.index("island")
    assert explanation.data[:, island].tolist() == ROWS["island"].tolist()
    for plot in (shap.plots.waterfall, shap.plots.bar):
        plot(explanation[0], show=False)
        plt.close("all")
    shap.plots.beeswarm(explanation, show=False)
    plt.close("all")


def test_wrong_data_is_refused(model: rv.TableModel) -> None:
    attribution = rv.attribute(model, ROWS)
    for data in (ROWS.head(3), ROWS.drop(columns="sex")):
        with pytest.raises(ValueError, match="but the 20 rows that were explained"):
            attribution.to_shap(data)
    assert attribution.to_shap().data is None


def test_shap_explains_a_model_on_a_raw_table(model: rv.TableModel) -> None:
    """Texts and all: what SHAP attributes adds up to the probability."""

    def predict(rows: np.ndarray) -> np.ndarray:
        frame = pd.DataFrame(rows, columns=ROWS.columns)
        return model.predict_proba(frame.astype(ROWS.dtypes.to_dict()))

    background = TABLE.drop(columns="species").sample(30, random_state=0)
    cells = background.to_numpy(object)

    def masked(mask: np.ndarray, row: np.ndarray) -> np.ndarray:
        """Show the cells of a mask; SHAP's own maskers compare numbers only."""
        return np.where(mask, row, cells)

    explainer = shap.Explainer(predict, masked, algorithm="permutation", seed=0)
    explanation = explainer(ROWS.head(3).to_numpy(object), silent=True)
    total = explanation.base_values + explanation.values.sum(axis=1)
    np.testing.assert_allclose(total, model.predict_proba(ROWS.head(3)), atol=1e-5)
