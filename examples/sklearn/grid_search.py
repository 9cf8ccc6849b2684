"""Choose a network's size and penalty by cross-validation in a pipeline."""

from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

X, y = load_breast_cancer(return_X_y=True)
pipe = Pipeline(
    [("scale", StandardScaler()), ("net", MLPClassifier(max_iter=500, random_state=0))]
)
grid = {
    "net__hidden_layer_sizes": [(20,), (50,), (20, 20)],
    "net__alpha": [1e-4, 1e-2, 1.0],
}
search = GridSearchCV(pipe, grid, cv=5, n_jobs=2).fit(X, y)
for name, value in search.best_params_.items():
    print(f"{name}: {value}")
print(f"accuracy over the folds: {search.best_score_:.6f}")
