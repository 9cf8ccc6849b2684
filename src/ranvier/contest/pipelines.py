"""Other people's models, each behind what it needs of a table; all fitted on its rows.

A table here is a pandas frame of numbers (NaN where missing) and categories (category
dtype). Each maker gives an object with fit(frame, y) and predict(frame), and where it
knows them predict_proba or decision_function; y holds labels 0 ... C-1 or numbers.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.compose import (
    ColumnTransformer,
    TransformedTargetRegressor,
    make_column_selector,
)
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.svm import SVC, SVR

from ranvier.contest.setting import Setting

LINEAR_STEPS = 500  # 100, the default, leave L-BFGS unfinished on most tables
MOST_CATEGORIES = 255  # that histogram gradient boosting takes in a column


def linear(to: Setting) -> Any:
    """Logistic regression, or least squares with scikit-learn's default penalty."""
    if to.classification:
        return _behind_matrix(LogisticRegression(max_iter=LINEAR_STEPS))
    return _behind_matrix(Ridge())


def svm(to: Setting) -> Any:
    """Support vectors with the RBF kernel; numbers to predict are standardised."""
    return _behind_matrix(SVC() if to.classification else _standardised(SVR()))


def mlp(to: Setting) -> Any:
    """scikit-learn's network; numbers to predict are standardised."""
    if to.classification:
        return _behind_matrix(MLPClassifier(random_state=to.seed))
    return _behind_matrix(_standardised(MLPRegressor(random_state=to.seed)))


def random_forest(to: Setting) -> Any:
    """Random forest on numbers, each category being the number of its place."""
    kind = RandomForestClassifier if to.classification else RandomForestRegressor
    categories = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    columns = ColumnTransformer(
        [
            ("numbers", SimpleImputer(strategy="median"), _numbers),
            (
                "categories",
                make_pipeline(categories, SimpleImputer(fill_value=-2)),
                _categories,
            ),
        ]
    )
    columns.set_params(categories__simpleimputer__strategy="constant")
    return make_pipeline(columns, kind(random_state=to.seed, n_jobs=to.threads))


def hist_gradient_boosting(to: Setting) -> Any:
    """scikit-learn's boosted trees, with categories as categories."""
    kind = HistGradientBoostingRegressor
    if to.classification:
        kind = HistGradientBoostingClassifier
    return WithCategories(kind(random_state=to.seed), most=MOST_CATEGORIES)


def lightgbm(to: Setting) -> Any:
    """LightGBM, with categories as categories."""
    from lightgbm import LGBMClassifier, LGBMRegressor

    kind = LGBMClassifier if to.classification else LGBMRegressor
    model = kind(random_state=to.seed, n_jobs=to.threads, verbose=-1)
    return WithCategories(model)


def xgboost(to: Setting) -> Any:
    """XGBoost, with categories as categories."""
    from xgboost import XGBClassifier, XGBRegressor

    kind = XGBClassifier if to.classification else XGBRegressor
    model = kind(random_state=to.seed, n_jobs=to.threads, enable_categorical=True)
    return WithCategories(model)


def catboost(to: Setting) -> Any:
    """CatBoost, with categories as categories, which it wants as texts."""
    from catboost import CatBoostClassifier, CatBoostRegressor

    kind = CatBoostClassifier if to.classification else CatBoostRegressor
    model = kind(
        random_seed=to.seed,
        thread_count=to.threads,
        verbose=False,
        allow_writing_files=False,
    )
    return WithTexts(model)


_numbers = make_column_selector(dtype_include="number")
_categories = make_column_selector(dtype_include="category")


def _behind_matrix(model: Any) -> Any:
    """Put a model that takes a matrix behind imputing, scaling and one-hot columns."""
    columns = ColumnTransformer(
        [
            (
                "numbers",
                make_pipeline(SimpleImputer(strategy="median"), StandardScaler()),
                _numbers,
            ),
            ("categories", OneHotEncoder(handle_unknown="ignore"), _categories),
        ]
    )
    return make_pipeline(columns, model)


def _standardised(model: Any) -> Any:
    return TransformedTargetRegressor(model, transformer=StandardScaler())


class WithCategories:
    """A model that takes category columns, with the categories of its training rows.

    A category that training had not seen counts as missing. A column with more than
    `most` categories goes as the numbers of their places.
    """

    def __init__(self, model: Any, most: int | None = None) -> None:
        self.model, self.most = model, most

    def fit(self, frame: pd.DataFrame, y: Any) -> Self:
        """Learn the categories, then the model."""
        self.categories = {
            place: frame.iloc[:, place].cat.remove_unused_categories().cat.categories
            for place in _places_of_categories(frame)
        }
        self.model.fit(self._seen(frame), y)
        return self

    def predict(self, frame: pd.DataFrame) -> Any:
        """Give the labels or numbers of rows."""
        return self.model.predict(self._seen(frame))

    def predict_proba(self, frame: pd.DataFrame) -> Any:
        """Give the probability of each class."""
        return self.model.predict_proba(self._seen(frame))

    def _seen(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Give the rows with the categories of training, and plain column names."""
        columns = {}
        for place in range(frame.shape[1]):
            column = frame.iloc[:, place]
            if place in self.categories:
                column = column.cat.set_categories(self.categories[place])
                if self.most is not None and len(column.cat.categories) > self.most:
                    codes = column.cat.codes.to_numpy(np.float64)
                    column = pd.Series(np.where(codes < 0, np.nan, codes), column.index)
            columns[f"c{place}"] = column  # some refuse names with special characters
        return pd.DataFrame(columns)


class WithTexts:
    """A CatBoost model, whose categories are texts, the missing one among them."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def fit(self, frame: pd.DataFrame, y: Any) -> Self:
        """Fit the model."""
        places = _places_of_categories(frame)
        self.model.fit(self._texts(frame), y, cat_features=places)
        return self

    def predict(self, frame: pd.DataFrame) -> Any:
        """Give the labels or numbers of rows."""
        return np.asarray(self.model.predict(self._texts(frame))).reshape(-1)

    def predict_proba(self, frame: pd.DataFrame) -> Any:
        """Give the probability of each class."""
        return self.model.predict_proba(self._texts(frame))

    def _texts(self, frame: pd.DataFrame) -> pd.DataFrame:
        columns = {}
        for place in range(frame.shape[1]):
            column = frame.iloc[:, place]
            if isinstance(column.dtype, pd.CategoricalDtype):
                column = column.astype(object).where(column.notna(), "(missing)")
                column = column.astype(str).astype(object)
            columns[f"c{place}"] = column
        return pd.DataFrame(columns)


def _places_of_categories(frame: pd.DataFrame) -> list[int]:
    return [
        place
        for place, dtype in enumerate(frame.dtypes)
        if isinstance(dtype, pd.CategoricalDtype)
    ]
