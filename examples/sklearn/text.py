"""Classify texts about two subjects by their words, in a sparse table."""

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

rng = np.random.default_rng(0)
words = np.array([f"word{i}" for i in range(4000)])
subjects = {"space": rng.permutation(4000), "medicine": rng.permutation(4000)}
texts, labels = [], []
for subject, order in subjects.items():
    for _ in range(1000):  # common words are common in both, rare ones in one
        ranks = np.minimum(rng.zipf(1.3, size=80), 4000) - 1
        own = rng.random(80) < 0.3
        texts.append(" ".join(words[np.where(own, order[ranks], ranks)]))
        labels.append(subject)

X = TfidfVectorizer().fit_transform(texts)
print(f"{X.shape[0]} texts, {X.shape[1]} words, {X.nnz / np.prod(X.shape):.2%} filled")
X_train, X_test, y_train, y_test = train_test_split(X, labels, random_state=0)
clf = MLPClassifier((50,), max_iter=20, random_state=0).fit(X_train, y_train)
print(f"accuracy: {clf.score(X_test, y_test):.4f}, loss: {clf.loss_:.6f}")
