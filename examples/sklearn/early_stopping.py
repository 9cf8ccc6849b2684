"""Predict a number with early stopping on held-out rows."""

from sklearn.datasets import make_friedman1
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

X, y = make_friedman1(n_samples=5000, noise=1.0, random_state=0)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
model = make_pipeline(
    StandardScaler(),
    MLPRegressor(
        hidden_layer_sizes=(100, 100),
        early_stopping=True,
        n_iter_no_change=20,
        max_iter=500,
        random_state=0,
    ),
)
model.fit(X_train, y_train)
net = model[-1]
print(f"epochs: {net.n_iter_}, best validation R^2: {net.best_validation_score_:.6f}")
print(f"test R^2: {model.score(X_test, y_test):.6f}")
