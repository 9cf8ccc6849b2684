"""Learn from a stream in small batches, each scored before it is learned."""

import numpy as np
from sklearn.neural_network import MLPClassifier

rng = np.random.default_rng(0)
clf = MLPClassifier((50,), learning_rate_init=0.01, random_state=0)
right = []
for batch in range(600):
    X = rng.normal(size=(100, 10))
    y = (X[:, 0] * X[:, 1] > X[:, 2]).astype(int)
    if batch:
        right.append(clf.score(X, y))
    clf.partial_fit(X, y, classes=[0, 1])
    if batch % 200 == 199:
        print(f"after {batch + 1} batches: {np.mean(right[-100:]):.4f}")
