"""Classify images of digits and print the confusion matrix."""

from sklearn.datasets import load_digits
from sklearn.metrics import classification_report, confusion_matrix
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

digits = load_digits()
X_train, X_test, y_train, y_test = train_test_split(
    digits.data / 16, digits.target, test_size=0.3, random_state=0
)
clf = MLPClassifier(hidden_layer_sizes=(100, 50), max_iter=300, random_state=1)
clf.fit(X_train, y_train)
print(classification_report(y_test, clf.predict(X_test)))
print(confusion_matrix(y_test, clf.predict(X_test)))
print(f"epochs: {clf.n_iter_}, loss: {clf.loss_:.6f}")
