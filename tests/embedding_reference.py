"""The embedding in plain NumPy, float64: see `reference`, which calls it.

An embedding is ("embedding", columns, scaled); each column of X has one of
("plain",), ("periodic", H, E), ("piecewise", edges, E, linear), ("category", size, E).
In theta lie the values of the columns, one after the other, and then the scale.
"""

import numpy as np

Array = np.ndarray


def shapes(column: tuple) -> list[tuple[int, ...]]:
    """Return the shapes of a column's values, in the order they lie in."""
    match column:
        case ("plain",):
            return []
        case ("periodic", H, E):
            return [(H,), (H,), (H, E), (E,)]  # w, b, V, v
        case ("piecewise", edges, E, linear):
            return [(E,)] * linear + [(E,), (len(edges) - 1, E)]  # a, v, M
        case ("category", size, E):
            return [(size, E)]
    raise ValueError(column)


def width(column: tuple) -> int:
    match column:
        case ("plain",):
            return 1
        case ("periodic", _, E):
            return E + 1
    return column[2]


def units(layer: tuple) -> int:
    return sum(map(width, layer[1]))


def size(layer: tuple) -> int:
    values = sum(int(np.prod(s)) for column in layer[1] for s in shapes(column))
    return values + layer[2] * units(layer)


def views(layer: tuple, theta: Array) -> tuple[list[list[Array]], Array | None]:
    """Return the values of each column, and the scale, as views."""
    at, found = 0, []
    for column in layer[1]:
        found.append([])
        for shape in shapes(column):
            end = at + int(np.prod(shape))
            found[-1].append(theta[at:end].reshape(shape))
            at = end
    return found, theta[at : at + units(layer)] if layer[2] else None


def pieces(edges: Array, x: Array) -> Array:
    """Return p(x), (n, bins)."""
    low, high = np.array(edges[:-1]), np.array(edges[1:])
    p = (x[:, None] - low) / (high - low)
    if len(low) > 1:
        p[:, 0] = np.minimum(p[:, 0], 1)
        p[:, 1:-1] = np.clip(p[:, 1:-1], 0, 1)
        p[:, -1] = np.maximum(p[:, -1], 0)
    return p


def column_forward(column: tuple, values: list[Array], x: Array) -> Array:
    match column:
        case ("plain",):
            return x[:, None]
        case ("periodic", _, _):
            w, b, V, v = values
            h = np.cos(2 * np.pi * np.outer(x, w) + b)
            return np.column_stack([h @ V + v, x])
        case ("piecewise", edges, _, linear):
            *a, v, M = values
            c = v + pieces(edges, x) @ M
            return c + np.outer(x, a[0]) if linear else c
    return values[0][x.astype(int)]


def forward(layer: tuple, theta: Array, X: Array) -> tuple[Array, Array]:
    """Return c and A = s * c."""
    values, scale = views(layer, theta)
    parts = zip(layer[1], values, X.T, strict=True)
    C = np.concatenate([column_forward(*part) for part in parts], axis=1)
    return C, C if scale is None else scale * C


def column_backward(
    column: tuple, values: list[Array], x: Array, dC: Array, gradient: list[Array]
) -> None:
    match column:
        case ("periodic", _, _):
            (w, b, V, _), (dw, db, dV, dv) = values, gradient
            dE = dC[:, :-1]
            u = 2 * np.pi * np.outer(x, w) + b
            du = -np.sin(u) * (dE @ V.T)
            dV[:], dv[:] = np.cos(u).T @ dE, dE.sum(axis=0)
            dw[:], db[:] = 2 * np.pi * x @ du, du.sum(axis=0)
        case ("piecewise", edges, _, linear):
            *da, dv, dM = gradient
            dM[:], dv[:] = pieces(edges, x).T @ dC, dC.sum(axis=0)
            if linear:
                da[0][:] = x @ dC
        case ("category", _, _):
            np.add.at(gradient[0], x.astype(int), dC)


def backward(
    layer: tuple, theta: Array, X: Array, C: Array, dA: Array, gradient: Array
) -> None:
    """Write the gradient of the layer's part of theta."""
    gradient[:] = 0
    (values, scale), (dvalues, dscale) = views(layer, theta), views(layer, gradient)
    if scale is not None:
        dscale[:] = (C * dA).sum(axis=0)
        dA = scale * dA
    end = 0
    for column, own, x, d in zip(layer[1], values, X.T, dvalues, strict=True):
        begin, end = end, end + width(column)
        column_backward(column, own, x, dA[:, begin:end], d)
