"""XOR: not solvable by one line, but by two layers or a support vector machine.

    python examples/xor.py [--seed 0] [--out xor.png]

A proof shows that the perceptron must fail: the convex hulls of the two classes share a
point. A network 2-4-1 of tanh units, trained by L-BFGS, and scikit-learn's support
vector machine with a radial basis function separate the classes. The drawing shows the
three decision boundaries side by side.
"""

import argparse
from pathlib import Path

import matplotlib as mpl
import numpy as np
from sklearn.svm import SVC

import ranvier as rv

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], float)
Y = np.array([0, 1, 1, 0])


def two_layers(seed: int) -> rv.Network:
    """Train 2-4-1 on the four points."""
    net = rv.Network.mlp(2, [4], 1, "tanh", "sigmoid", dtype="float64", seed=seed)
    rv.train(net, X, Y, optimizer=rv.LBFGS(), epochs=12, seed=seed, progress=False)
    return net


def draw(out: Path, fitted: dict[str, object]) -> None:
    """Draw the three decision boundaries side by side."""
    mpl.use("agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(
        1, len(fitted), figsize=(4.4 * len(fitted), 4.2), layout="constrained"
    )
    for ax, (title, model) in zip(axes, fitted.items(), strict=True):
        rv.plot_boundary(model, X, Y, ax=ax)
        ax.set_title(title)
        ax.set_aspect("equal")
    figure.savefig(out, dpi=120)
    plt.close(figure)


def main() -> None:
    """Fit all three models, print their predictions and draw their boundaries."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("xor.png"))
    options = parser.parse_args()

    line = rv.perceptron(X, Y, epochs=100)
    print(line)
    net = two_layers(options.seed)
    svm = SVC(kernel="rbf", C=100).fit(X, Y)
    predictions = {
        "perceptron": line.predict(X),
        "two layers": (net(X)[:, 0] > 0.5).astype(int),
        "RBF SVM": svm.predict(X),
    }
    print("\nx1 x2  XOR  " + "  ".join(predictions))
    for row, (x, y) in enumerate(zip(X.astype(int), Y, strict=True)):
        cells = [f"{y_hat[row]:>{len(name)}}" for name, y_hat in predictions.items()]
        print(f"{x[0]:>2} {x[1]:>2}  {y:>3}  " + "  ".join(cells))
    print("\nBy hand, with threshold units:")
    print(rv.logic.XOR())
    titles = ["perceptron (fails)", "two layers (2-4-1, tanh)", "RBF SVM"]
    models = [line.neuron.network, net, svm]
    draw(options.out, dict(zip(titles, models, strict=True)))
    print(f"\ndrawing: {options.out}")


if __name__ == "__main__":
    main()
