"""The compared models, each with the preprocessing it needs, fitted on its own rows.

Ranvier takes raw tables. A table for the others is a pandas frame of numbers (NaN where
missing) and categories (category dtype). Each function returns an object with
fit(frame, y) and predict(frame), and perhaps predict_proba or decision_function; y
holds labels 0 ... C-1 or numbers.
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

from ranvier.comparison.competitors import ModelSettings
from ranvier.tabular.classifier import TabularClassifier
from ranvier.tabular.regressor import TabularRegressor

LINEAR_STEPS = 500  # 100, the default, leave L-BFGS unfinished on most tables
MOST_CATEGORIES = 255  # that histogram gradient boosting takes in a column


def ranvier(settings: ModelSettings) -> Any:
    """Ranvier's estimators for raw tables, with their defaults."""
    kind = TabularClassifier if settings.classification else TabularRegressor
    return kind(
        random_state=settings.seed,
        n_threads=settings.n_threads,
        time_ordered=settings.time_ordered,
    )


def linear(settings: ModelSettings) -> Any:
    """Logistic regression, or least squares with scikit-learn's default penalty."""
    if settings.classification:
        return _on_matrix(LogisticRegression(max_iter=LINEAR_STEPS))
    return _on_matrix(Ridge())


def svm(settings: ModelSettings) -> Any:
    """Support vectors with the RBF kernel; numbers to predict are standardised."""
    return _on_matrix(SVC() if settings.classification else _standardised(SVR()))


def mlp(settings: ModelSettings) -> Any:
    """scikit-learn's network; numbers to predict are standardised."""
    if settings.classification:
        return _on_matrix(MLPClassifier(random_state=settings.seed))
    return _on_matrix(_standardised(MLPRegressor(random_state=settings.seed)))


def random_forest(settings: ModelSettings) -> Any:
    """Random forest; categories are encoded as ordinals."""
    kind = RandomForestClassifier if settings.classification else RandomForestRegressor
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
    return make_pipeline(
        columns, kind(random_state=settings.seed, n_jobs=settings.n_threads)
    )


def hist_gradient_boosting(settings: ModelSettings) -> Any:
    """scikit-learn's boosted trees, with categories as categories."""
    kind = HistGradientBoostingRegressor
    if settings.classification:
        kind = HistGradientBoostingClassifier
    return WithCategories(kind(random_state=settings.seed), most=MOST_CATEGORIES)


def lightgbm(settings: ModelSettings) -> Any:
    """LightGBM, with categories as categories."""
    from lightgbm import LGBMClassifier, LGBMRegressor

    kind = LGBMClassifier if settings.classification else LGBMRegressor
    model = kind(random_state=settings.seed, n_jobs=settings.n_threads, verbose=-1)
    return WithCategories(model)


def xgboost(settings: ModelSettings) -> Any:
    """XGBoost, with categories as categories."""
    from xgboost import XGBClassifier, XGBRegressor

    kind = XGBClassifier if settings.classification else XGBRegressor
    model = kind(
        random_state=settings.seed, n_jobs=settings.n_threads, enable_categorical=True
    )
    return WithCategories(model)


def catboost(settings: ModelSettings) -> Any:
    """CatBoost, with categories as texts, as it expects them."""
    from catboost import CatBoostClassifier, CatBoostRegressor

    kind = CatBoostClassifier if settings.classification else CatBoostRegressor
    model = kind(
        random_seed=settings.seed,
        thread_count=settings.n_threads,
        verbose=False,
        allow_writing_files=False,
    )
    return WithTexts(model)


_numbers = make_column_selector(dtype_include="number")
_categories = make_column_selector(dtype_include="category")


def _on_matrix(model: Any) -> Any:
    """Add imputation, scaling and one-hot encoding to a model that takes a matrix."""
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

    A category that training did not see counts as missing. A column with more than
    `most` categories is encoded as ordinals.
    """

    def __init__(self, model: Any, most: int | None = None) -> None:
        self.model, self.most = model, most

    def fit(self, frame: pd.DataFrame, y: Any) -> Self:
        """Learn the categories, then the model."""
        self.categories = {
            index: frame.iloc[:, index].cat.remove_unused_categories().cat.categories
            for index in _category_columns(frame)
        }
        self.model.fit(self._seen(frame), y)
        return self

    def predict(self, frame: pd.DataFrame) -> Any:
        """Predict labels or numbers."""
        return self.model.predict(self._seen(frame))

    def predict_proba(self, frame: pd.DataFrame) -> Any:
        """Predict the probability of each class."""
        return self.model.predict_proba(self._seen(frame))

    def _seen(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the rows with the categories of training, and plain column names."""
        columns = {}
        for index in range(frame.shape[1]):
            column = frame.iloc[:, index]
            if index in self.categories:
                column = column.cat.set_categories(self.categories[index])
                if self.most is not None and len(column.cat.categories) > self.most:
                    codes = column.cat.codes.to_numpy(np.float64)
                    column = pd.Series(np.where(codes < 0, np.nan, codes), column.index)
            columns[f"c{index}"] = column  # some refuse names with special characters
        return pd.DataFrame(columns)


class WithTexts:
    """A CatBoost model, whose categories are texts, the missing one among them."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def fit(self, frame: pd.DataFrame, y: Any) -> Self:
        """Fit the model."""
        indices = _category_columns(frame)
        self.model.fit(self._texts(frame), y, cat_features=indices)
        return self

    def predict(self, frame: pd.DataFrame) -> Any:
        """Predict labels or numbers."""
        return np.asarray(self.model.predict(self._texts(frame))).reshape(-1)

    def predict_proba(self, frame: pd.DataFrame) -> Any:
        """Predict the probability of each class."""
        return self.model.predict_proba(self._texts(frame))

    def _texts(self, frame: pd.DataFrame) -> pd.DataFrame:
        columns = {}
        for index in range(frame.shape[1]):
            column = frame.iloc[:, index]
            if isinstance(column.dtype, pd.CategoricalDtype):
                column = column.astype(object).where(column.notna(), "(missing)")
                column = column.astype(str).astype(object)
            columns[f"c{index}"] = column
        return pd.DataFrame(columns)


def _category_columns(frame: pd.DataFrame) -> list[int]:
    return [
        index
        for index, dtype in enumerate(frame.dtypes)
        if isinstance(dtype, pd.CategoricalDtype)
    ]
