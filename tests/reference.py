"""The whole network in plain NumPy, float64: the witness that the engine has to match.

The letters are those of the engine: a layer turns its inputs X into Z = X W + b and
A = f(Z); Y are the targets, L the loss, w the weights of the rows; dQ is dL/dQ for any
Q. A network is (inputs, layers), its layers described as the engine wants them, and its
parameters are one flat array theta: W (row by row) and b of each dense layer in turn,
and alpha where its activation is parametric; before them, those of an embedding.
"""

from math import inf, pi, sqrt
from typing import NamedTuple

import numpy as np
from scipy.special import expit as sigmoid
from scipy.special import ndtr

import embedding_reference as embedding

Array = np.ndarray


class Network(NamedTuple):
    inputs: int
    # ("dense", units, activation, parameter), a fifth, True, for a parametric one;
    # ("dropout", rate); first perhaps ("embedding", columns, scaled)
    layers: list[tuple]


# ---------------------------------------------------------------- activations

SCALE, ALPHA = 1.0507009873554805, 1.6732632423543772  # of selu, Klambauer et al. 2017


def softplus(z):
    return np.logaddexp(0, z)


def normal_pdf(z):
    return np.exp(-z * z / 2) / sqrt(2 * pi)


def elu(z, p):
    return np.maximum(z, 0) + p * np.expm1(np.minimum(z, 0))


def elu_slope(z, p):
    return np.where(z > 0, 1, p * np.exp(np.minimum(z, 0)))


def gate(z, sign=1):  # of gelu_tanh = z gate(z): (1 + tanh u) / 2 = sigmoid(2 u)
    return sigmoid(sign * 2 * sqrt(2 / pi) * (z + 0.044715 * z**3))


def gate_slope(z):
    return gate(z) * gate(z, -1) * 2 * sqrt(2 / pi) * (1 + 3 * 0.044715 * z**2)


def mish_slope(z):
    t = np.tanh(softplus(z))
    return t + z * (1 - t * t) * sigmoid(z)


# f beside f', both of z and the parameter p. At a kink the slope is PyTorch's.
ACTIVATIONS = {
    "identity": (lambda z, p: z, lambda z, p: np.ones_like(z)),
    "relu": (lambda z, p: np.maximum(z, 0), lambda z, p: 1.0 * (z > 0)),
    "leaky_relu": (
        lambda z, p: np.where(z > 0, z, p * z),
        lambda z, p: np.where(z > 0, 1, p),
    ),
    "relu6": (lambda z, p: np.clip(z, 0, 6), lambda z, p: 1.0 * ((z > 0) & (z < 6))),
    "elu": (elu, elu_slope),
    "selu": (
        lambda z, p: SCALE * elu(z, ALPHA),
        lambda z, p: SCALE * elu_slope(z, ALPHA),
    ),
    "gelu": (lambda z, p: z * ndtr(z), lambda z, p: ndtr(z) + z * normal_pdf(z)),
    "gelu_tanh": (lambda z, p: z * gate(z), lambda z, p: gate(z) + z * gate_slope(z)),
    "silu": (
        lambda z, p: z * sigmoid(z),
        lambda z, p: sigmoid(z) * (1 + z * sigmoid(-z)),
    ),
    "mish": (lambda z, p: z * np.tanh(softplus(z)), lambda z, p: mish_slope(z)),
    "sigmoid": (lambda z, p: sigmoid(z), lambda z, p: sigmoid(z) * sigmoid(-z)),
    "tanh": (lambda z, p: np.tanh(z), lambda z, p: 1 - np.tanh(z) ** 2),
    "softplus": (lambda z, p: softplus(z), lambda z, p: sigmoid(z)),
    "softsign": (lambda z, p: z / (1 + abs(z)), lambda z, p: 1 / (1 + abs(z)) ** 2),
    "hard_sigmoid": (
        lambda z, p: np.clip(z / 6 + 0.5, 0, 1),
        lambda z, p: (abs(z) < 3) / 6,
    ),
    "hard_tanh": (lambda z, p: np.clip(z, -1, 1), lambda z, p: 1.0 * (abs(z) < 1)),
    "step": (lambda z, p: 1.0 * (z >= 0), lambda z, p: np.zeros_like(z)),
    "exp": (lambda z, p: np.exp(z), lambda z, p: np.exp(z)),
}


def activate(Z, activation, parameter):
    if activation == "softmax":
        E = np.exp(Z - Z.max(axis=1, keepdims=True))
        return E / E.sum(axis=1, keepdims=True)
    return ACTIVATIONS[activation][0](Z, parameter)


# ---------------------------------------------------------------- losses


def huber(a, y, p):
    e = abs(a - y)
    return np.where(e <= p, e**2 / 2, p * (e - p / 2))


# Of one output: the loss beside its slope in a. The last two read z, for a = exp(z) and
# a = sigmoid(z), and so hold for every logit.
LOSSES = {
    "squared_error": (lambda a, y, p: (a - y) ** 2, lambda a, y, p: 2 * (a - y)),
    "absolute_error": (lambda a, y, p: abs(a - y), lambda a, y, p: np.sign(a - y)),
    "huber": (huber, lambda a, y, p: np.clip(a - y, -p, p)),
    "quantile": (
        lambda a, y, p: np.maximum(p * (y - a), (p - 1) * (y - a)),
        lambda a, y, p: np.where(a < y, -p, np.where(a > y, 1 - p, 0)),
    ),
    "poisson": (lambda z, y, p: np.exp(z) - y * z, lambda z, y, p: np.exp(z) - y),
    "log_loss": (lambda z, y, p: softplus(z) - y * z, lambda z, y, p: sigmoid(z) - y),
}


def cross_entropy(Z, Y, smoothing):
    Y = np.eye(Z.shape[1])[Y] if Y.ndim == 1 else Y
    Y = (1 - smoothing) * Y + smoothing / Z.shape[1]
    Z = Z - Z.max(axis=1, keepdims=True)
    log_p = Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))
    return -(Y * log_p).sum(axis=1), np.exp(log_p) * Y.sum(axis=1, keepdims=True) - Y


def output_loss(loss, output, Z, Y, w) -> tuple[float, Array]:
    """Return L and dL/dZ; loss is (name, parameter), output the tuple of the layer."""
    _, units, activation, parameter, *_ = output
    if loss[0] == "cross_entropy":
        L, dZ = cross_entropy(Z, Y, loss[1])
    else:
        value, slope = LOSSES[loss[0]]
        reads_logits = loss[0] in ("poisson", "log_loss")
        f, df = ACTIVATIONS["identity" if reads_logits else activation]
        A = f(Z, parameter)
        L = value(A, Y, loss[1]).mean(axis=1)
        dZ = slope(A, Y, loss[1]) / units * df(Z, parameter)
    w = np.ones(len(Z)) if w is None else w
    if w.sum() == 0:
        return 0.0, np.zeros_like(Z)
    share = w / w.sum()
    return float(share @ L), dZ * share[:, None]


# ---------------------------------------------------------------- the two passes


def is_parametric(layer) -> bool:
    return layer[0] == "dense" and len(layer) > 4 and layer[4]


def views(network, theta) -> list[tuple[Array, ...] | None]:
    """Return views of theta: (W, b) or (W, b, alpha) of each dense layer, all that is
    of an embedding as a single one, and None for dropout."""
    found: list[tuple[Array, ...] | None] = []
    start, d_in = 0, network.inputs
    for layer in network.layers:
        kind, d_out, *_ = layer
        if kind == "dropout":
            found.append(None)
            continue
        if kind == "embedding":
            end, d_out = start + embedding.size(layer), embedding.units(layer)
            found.append((theta[start:end],))
        else:
            middle = start + d_in * d_out
            end = middle + (1 + is_parametric(layer)) * d_out
            W, rest = theta[start:middle].reshape(d_in, d_out), theta[middle:end]
            found.append((W, *rest.reshape(-1, d_out)))
        start, d_in = end, d_out
    return found


def parameters(network) -> int:
    count, d_in = 0, network.inputs
    for layer in network.layers:
        if layer[0] == "embedding":
            count, d_in = embedding.size(layer), embedding.units(layer)
        elif layer[0] == "dense":
            count += (d_in + 1 + is_parametric(layer)) * layer[1]
            d_in = layer[1]
    return count


def forward(network, theta, X, mask=None) -> list[tuple[Array, ...]]:
    """Return (X, Z, A) of each dense layer and (m,) of dropout, where A becomes A m;
    of an embedding (X, C, A).

    mask(layer, units) gives m; without it, dropout is off.
    """
    tape: list[tuple[Array, ...]] = []
    A = X
    for i, (layer, held) in enumerate(
        zip(network.layers, views(network, theta), strict=True)
    ):
        if held is None:
            m = np.ones(A.shape[1]) if mask is None else mask(i, A.shape[1])
            tape.append((m,))
            A = A * m
        elif layer[0] == "embedding":
            C, A = embedding.forward(layer, held[0], X)
            tape.append((X, C, A))
        else:
            X, (W, b, *alpha) = A, held
            Z = X @ W + b
            A = activate(Z, *layer[2:4])
            if alpha:
                A = Z + alpha[0] * (A - Z)
            tape.append((X, Z, A))
    return tape


def mean_loss(network, theta, X, Y, w, loss) -> float:
    Z = forward(network, theta, X)[-1][1]
    return output_loss(loss, network.layers[-1], Z, Y, w)[0]


def loss_and_gradient(network, theta, X, Y, w, loss, mask=None) -> tuple[float, Array]:
    tape = forward(network, theta, X, mask)
    L, dA = output_loss(loss, network.layers[-1], tape[-1][1], Y, w)
    gradient = np.empty_like(theta)
    places, dplaces = views(network, theta), views(network, gradient)
    last = len(tape) - 1
    for i in range(last, -1, -1):
        if places[i] is None:
            dA = dA * tape[i][0]
            continue
        if network.layers[i][0] == "embedding":
            X, C, _ = tape[i]
            embedding.backward(network.layers[i], *places[i], X, C, dA, *dplaces[i])
            break
        (X, Z, _), (W, _, *alpha), (dW, db, *dalpha) = tape[i], places[i], dplaces[i]
        _, _, activation, parameter, *_ = network.layers[i]
        # The slope of the output's activation is in the loss's dZ already.
        f, df = ACTIVATIONS.get(activation, (None, None))
        slope = 1.0 if i == last else df(Z, parameter)
        if alpha:
            slope = 1 + alpha[0] * (slope - 1)
            dalpha[0][:] = (dA * (f(Z, parameter) - Z)).sum(axis=0)
        dZ = dA * slope
        dW[:], db[:] = X.T @ dZ, dZ.sum(axis=0)
        dA = dZ @ W.T
    return L, gradient


# ---------------------------------------------------------------- updates


class Update(NamedTuple):
    kind: str = "sgd"
    momentum: float = 0.0
    nesterov: bool = False
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    corrected_epsilon: bool = True
    l2: float = 0.0
    l2_by_weight: bool = False
    weight_decay: float = 0.0
    clip_norm: float = inf
    # (layers with parameters, 2 or 3): of W, of b, of alpha; of an embedding its
    # values, its scale, the values of its categories.
    rate_factors: Array | None = None
    decay_factors: Array | None = None
    averaging: float = 0.0

    @property
    def slots(self) -> int:
        rule = 2 if self.kind == "adam" else int(self.momentum > 0)
        return rule + (self.averaging > 0)


def groups(network, update) -> tuple[Array, Array]:
    """Return, for each number of theta, how much of the decay it takes (by default, W
    takes all and b nothing), and its rate factor."""
    decays, factors = np.zeros(parameters(network)), np.ones(parameters(network))
    own = [i for i, layer in enumerate(network.layers) if layer[0] != "dropout"]
    for k, i in enumerate(own):
        for of, rows, rest in (
            (decays, update.decay_factors, (1, 0, 0)),
            (factors, update.rate_factors, (1, 1, 1)),
        ):
            parts = views(network, of)[i]
            if network.layers[i][0] == "embedding":
                columns, scale = embedding.views(network.layers[i], parts[0])
                values = parts[0][: sum(v.size for own in columns for v in own)]
                scale = values[:0] if scale is None else scale
                parts = (values, scale)
                rest = (1, rest[1], 1)
            row = rest if rows is None else (*rows[k], *rest[len(rows[k]) :])
            for part, factor in zip(parts, row, strict=False):
                part[:] = factor
            if network.layers[i][0] == "embedding":
                kinds = [column[0] for column in network.layers[i][1]]
                for kind, own in zip(kinds, columns, strict=True):
                    if kind == "category":
                        own[0][...] = row[2]
    return decays, factors


def move(update, theta, state, g, rate, decays, t, size=1.0) -> float:
    """Take step t = 1, 2, ... in place; return the norm of g before it is clipped.

    size: the sum of the weights of the batch.
    """
    l2 = update.l2
    if update.l2_by_weight:
        l2 = l2 / size if size > 0 else 0.0
    *state, mean = state if update.averaging > 0 else (*state, None)
    g = g + l2 * decays * theta
    norm = float(np.sqrt(np.sum(g * g)))
    if norm > update.clip_norm:
        g = g * (update.clip_norm / norm)
    theta *= 1 - rate * update.weight_decay * decays
    if update.kind == "adam":
        m, v = state
        m += (1 - update.beta1) * (g - m)
        v += (1 - update.beta2) * (g * g - v)
        m_hat, v_hat = m / (1 - update.beta1**t), v / (1 - update.beta2**t)
        root = 1.0 if update.corrected_epsilon else np.sqrt(1 - update.beta2**t)
        theta -= rate * m_hat / (np.sqrt(v_hat) + update.epsilon / root)
    elif update.momentum > 0:
        (v,) = state
        v[:] = update.momentum * v - rate * g
        theta += update.momentum * v - rate * g if update.nesterov else v
    else:
        theta -= rate * g
    if mean is not None:
        beta = update.averaging
        mean += (1 - beta) / (1 - beta**t) * (theta - mean)
    return norm


class Epoch(NamedTuple):
    loss: float
    gradient_norm: float
    failed_step: int
    step_losses: list[float]
    step_squares: list[float]


def train_epoch(
    network, theta, state, X, Y, w, order, batch_size, loss, update, rates,
    steps_before=0, mask=None, decays=None,
) -> Epoch:  # fmt: skip
    """Take a step for each batch of `order`, in place.

    mask: of layer, rows, units; decays: factors of the decay, one a step.
    """
    shares, factors = groups(network, update)
    L_sum, w_sum, norm = 0.0, 0.0, 0.0
    losses: list[float] = []
    squares: list[float] = []
    for step, rate in enumerate(rates):
        rows = order[step * batch_size : (step + 1) * batch_size]
        w_rows = None if w is None else w[rows]
        m = None if mask is None else lambda i, units, rows=rows: mask(i, rows, units)
        L, g = loss_and_gradient(network, theta, X[rows], Y[rows], w_rows, loss, m)
        if not np.isfinite(L):
            mean = L_sum / w_sum if w_sum > 0 else 0.0
            return Epoch(mean, norm, step, losses, squares)
        size = len(rows) if w is None else float(w_rows.sum())
        L_sum, w_sum = L_sum + size * L, w_sum + size
        t = steps_before + step + 1
        losses.append(L)
        squares.append(float(shares @ theta**2))
        decay = update.weight_decay * (1 if decays is None else decays[step])
        now = update._replace(weight_decay=decay)
        norm = move(now, theta, state, g, rate * factors, shares, t, size)
    mean = L_sum / w_sum if w_sum > 0 else 0.0
    return Epoch(mean, norm, -1, losses, squares)


# ---------------------------------------------------------------- shared weights


def batch_ensemble(hidden, last, X, Y):
    """Return the sum of the members' losses and its gradient; X, Y are of each member.

    The layers as Wen, Tran & Ba 2020 write them: hidden ones (W, r, s, b) with tanh,
    Z = ((X r) W) s + b; the last one is each member's own (W, b), and the loss squared.
    """
    d_hidden = [[np.zeros_like(value) for value in layer] for layer in hidden]
    d_last, loss = [np.zeros_like(value) for value in last], 0.0
    for m, (A, y) in enumerate(zip(X, Y, strict=True)):
        kept = []
        for W, r, s, b in hidden:
            U = A * r[m]
            P = U @ W
            kept.append((A, U, P))
            A = np.tanh(P * s[m] + b[m])
        error = A @ last[0][m] + last[1][m] - y
        loss += np.square(error).mean()
        dZ = 2 * error / error.size
        d_last[0][m], d_last[1][m] = A.T @ dZ, dZ.sum(axis=0)
        dA = dZ @ last[0][m].T
        for (W, r, s, _), (dW, dr, ds, db), (below, U, P) in zip(
            hidden[::-1], d_hidden[::-1], kept[::-1], strict=True
        ):
            dZ = dA * (1 - np.square(A))
            ds[m], db[m] = (dZ * P).sum(axis=0), dZ.sum(axis=0)
            dP = dZ * s[m]
            dW += U.T @ dP
            dU = dP @ W.T
            dr[m] = (dU * below).sum(axis=0)
            dA, A = dU * r[m], below
    return loss, (d_hidden, d_last)
