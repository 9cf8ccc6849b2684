"""The names of all findings, causes before symptoms, with the cure of each as code.

Code is a template: a name in braces is a value of the finding's evidence.
"""

from typing import Final

CODES: Final[dict[str, str]] = {
    # Values that no network can learn from.
    "missing_values": "X = np.where(np.isnan(X), np.nanmedian(X, axis=0), X)",
    "infinite_values": "X = np.where(np.isinf(X), np.nan, X)  # then fill them in",
    "float32_overflow": (
        "X = (X - X.mean(axis=0)) / X.std(axis=0)  # in float64, before training"
    ),
    "missing_target": "known = ~np.isnan(y)\nX, y = X[known], y[known]",
    "target_overflow": "scale = np.abs(y).max()\ny = y / scale  # and outputs * scale",
    "nonfinite_weights": "net = rv.Network.mlp({inputs}, {hidden}, {outputs}, seed=0)",
    "constant_target": "np.unique(y)  # is this the right column?",
    # The network does not fit the target.
    "too_few_outputs": "rv.Dense({classes}, 'softmax')  # the last layer",
    "output_range": "rv.Dense(net.outputs)  # the last layer, without an activation",
    "loss_mismatch": (
        "net = rv.Network.mlp({inputs}, {hidden}, {outputs}, "
        "output_activation={activation})\nrv.train(net, X, y, loss={loss})"
    ),
    "target_codes": (
        "classes, codes = np.unique(y, return_inverse=True)\n"
        "net = rv.Network.mlp({inputs}, {hidden}, len(classes), "
        "output_activation='softmax')\nrv.train(net, X, codes)"
    ),
    "number_as_class": "rv.TabularRegressor().fit(X, y)",
    "batch_too_large": "rv.train(net, X, y, batch_size={proposed})",
    "rare_class": "rare = np.isin(y, {classes})  # give more rows, or merge",
    "imbalanced_classes": "rv.TabularClassifier(class_weight='balanced')",
    # The columns give the target away, or the split does.
    "leaking_column": "columns = [c for c in columns if c not in {columns}]",
    "rows_in_both": "rv.fit_table(table, target, groups=group_of_row)",
    "class_missing": "rv.train(net, X, y, validation=0.2)  # stratified by class",
    "inverted_labels": "classes  # compare their order in training and in validation",
    "validation_drift": "rv.train(net, X, y, validation=0.2)  # rows at random",
    "new_rows_drift": "model.drift(X)  # column by column",
    # Scales and values of columns.
    "sentinel_value": "X[X[:, {index}] == {value}, {index}] = np.nan",
    "outlier": "X[:, {index}] = X[:, {index}].clip({low}, {high})",
    "offset_column": "X = (X - X.mean(axis=0)) / X.std(axis=0)",
    "unscaled_column": "X = (X - X.mean(axis=0)) / X.std(axis=0)",
    "target_outlier": "y = y.clip({low}, {high})  # or rv.losses.huber()",
    "target_skewed": "y = np.log1p(y)  # and np.expm1 of the outputs",
    "target_scale": "y = (y - y.mean()) / y.std()  # and outputs back again",
    "no_signal": "rv.plot_responses(model, X)  # and compare y with its source",
    "contradicting_rows": "X, y = X[~contradicting], y[~contradicting]",
    "identifier_column": "columns = [c for c in columns if c not in {columns}]",
    "grouped_rows": "rv.fit_table(table, target, groups=column)",
    "time_order": "rv.fit_table(table, target, time_ordered=True)",
    "copied_rows": "table = table.drop_duplicates()",
    # How training was set up.
    "linear_network": "net = rv.Network.mlp(net.inputs, 32, net.outputs, 'relu')",
    "momentum_rate": "rv.SGD(lr={proposed}, momentum={momentum})",
    "dropout_high": "rv.Dropout(0.2)  # after layer {layer}",
    "regularisation_strong": "rv.AdamW(weight_decay={proposed})",
    "bottleneck": "rv.Dense({proposed}, 'relu')  # layer {layer}",
    "symmetric_units": "net = rv.Network(net.inputs, layers, seed=0)  # random W",
    "exploding_gradient": "rv.Adam(clip_norm=1.0)",
    "vanishing_gradient": "rv.Network.mlp(net.inputs, {hidden}, net.outputs, 'relu')",
    "rate_too_high": "rv.train(net, X, y, optimizer=rv.Adam(lr={proposed}))",
    "diverged": "rv.train(net, X, y, optimizer=rv.Adam(lr={proposed}, clip_norm=1.0))",
    # What the layers look like.
    "dead_units": "rv.Dense({units}, 'leaky_relu')  # layer {layer}",
    "saturated_units": "rv.Dense({units}, 'relu')  # layer {layer}, with new weights",
    "not_separable": "net = rv.Network.mlp({inputs}, 16, {outputs})",
    "more_units_help": "net = rv.Network.mlp({inputs}, {units}, {outputs})",
    "network_too_small": "net = rv.Network.mlp({inputs}, 64, {outputs})",
    # How training went.
    "rate_vanished": "rv.train(net, X, y, schedule=None)  # or 'cosine'",
    "clipped": "rv.SGD(lr={rate}, clip_norm={proposed})",
    "rate_too_low": "rv.train(net, X, y, optimizer=rv.Adam(lr={proposed}))",
    "stopped_early": "rv.train(net, X, y, epochs={proposed})",
    "overfitting": (
        "rv.train(net, X, y, validation=0.2, stop=rv.EarlyStopping())  # epoch {epoch}"
    ),
    "too_many_weights": (
        "net = rv.Network.mlp(net.inputs, {proposed}, net.outputs)\n"
        "rv.train(net, X, y, validation=0.2, stop=rv.EarlyStopping())"
    ),
    "label_noise": "rows = {rows}  # look at these labels first",
    "class_never_predicted": "rv.TabularClassifier(class_weight='balanced')",
    "overconfident": "rv.TabularClassifier()  # calibrates its probabilities",
    "gradient_spike": "rv.Adam(clip_norm={proposed})",
    # What is good to know.
    "small_validation": "rv.compare(table, target)  # every row is held out once",
    "duplicate_column": "columns = [c for c in columns if c not in {columns}]",
    "redundant_column": "columns = [c for c in columns if c not in {columns}]",
    "constant_column": "columns = [c for c in columns if c not in {columns}]",
    "unit_can_go": "rv.Dense({proposed}, 'relu')  # layer {layer}",
    # A symptom, where none of the causes above was found.
    "not_learning": "rv.perceptron(X, y)  # does a line separate the classes?",
}

RANKS: Final[dict[str, int]] = {name: rank for rank, name in enumerate(CODES)}
