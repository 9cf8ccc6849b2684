"""Verdict and cure of each finding in English."""

from typing import Final

WORDS: Final[dict[str, str]] = {
    "certain": "certain",
    "likely": "likely",
    "possible": "possible",
    "title": "What the doctor found",
    "cure": "Cure",
    "proof": "Tried",
    "evidence": "Evidence",
    "nothing": "No fault was found.",
    "proved": (
        "{metric} on {rows} held-out rows {before:.3f} before, {after:.3f} with the "
        "cure ({epochs} epochs each)."
    ),
}

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "missing_values": (
        "{count} values are missing, in column(s) {columns}.",
        "Fill them in, or use TabularClassifier or TabularRegressor, which take them.",
    ),
    "infinite_values": (
        "{count} values are infinite, in column(s) {columns}.",
        "Correct them, or make them missing and fill those in.",
    ),
    "float32_overflow": (
        "Column(s) {columns} reach {largest}, more than float32 can hold.",
        "Scale them in float64 before training.",
    ),
    "missing_target": (
        "{count} rows have no target.",
        "Leave those rows out.",
    ),
    "target_overflow": (
        "The target reaches {largest}; its square is more than float32 can hold.",
        "Divide the target by its largest value, and multiply the outputs by it.",
    ),
    "nonfinite_weights": (
        "Layer {layer} holds {count} weights that are NaN or infinite: every output "
        "is useless.",
        "Start again from new weights, with scaled columns and a lower learning rate.",
    ),
    "constant_target": (
        "All {rows} rows have the same target, {value}: there is nothing to learn.",
        "Choose another target, or give rows with other values.",
    ),
    "too_few_outputs": (
        "The network has {outputs} outputs for {classes} classes.",
        "Give the last layer one output for each class.",
    ),
    "output_range": (
        "The last activation, {activation}, cannot reach {count} of the targets, "
        "which lie from {low} to {high}.",
        "Leave the last layer without an activation, or scale the target.",
    ),
    "loss_mismatch": (
        "The target holds {classes} classes, but the loss is {given}, which is made "
        "for numbers.",
        "Use {loss} after {activation}.",
    ),
    "target_codes": (
        "The target holds only the {count} whole numbers {values}, which look like "
        "codes of classes, but it is learned as a number.",
        "Learn it as classes, if the order and the distance of the codes mean nothing.",
    ),
    "number_as_class": (
        "The target has {classes} different classes in {rows} rows: it looks like a "
        "number.",
        "Learn it as a number, by regression.",
    ),
    "batch_too_large": (
        "The batch size is {batch_size}, but there are {rows} rows: an epoch is one "
        "step.",
        "Use a batch size of {proposed}.",
    ),
    "leaking_column": (
        "Column(s) {columns} alone predict the target nearly without error.",
        "Leave them out unless they are known before the target is.",
    ),
    "rows_in_both": (
        "{count} of {rows} validation rows ({percent} %) are in the training rows "
        "too, exactly or nearly.",
        "Remove the copies, or split them by group.",
    ),
    "class_missing": (
        "The validation rows hold the class(es) {classes}, which no training row has.",
        "Split at random within each class, or give training rows of these classes.",
    ),
    "validation_drift": (
        "Validation rows are unlike the training rows, in column(s) {columns} "
        "(distance of the distributions up to {distance}).",
        "Scale both in the same way, and split at random unless they differ by intent.",
    ),
    "new_rows_drift": (
        "The rows are unlike those of the training, in column(s) {columns}: {affected} "
        "of {rows} rows lie outside of what training saw.",
        "Check units and columns of the new rows, or train on rows like them.",
    ),
    "sentinel_value": (
        "Column {column} has the value {value} in {count} rows, far from all others: "
        "it looks like a mark of missing values.",
        "Make it a missing value.",
    ),
    "outlier": (
        "Column {column} holds {value} in row {row}, while 90 % of its values lie "
        "from {low} to {high}.",
        "Correct the value, or clip the column.",
    ),
    "offset_column": (
        "Column(s) {columns} lie far from 0 compared to their spread (mean up to "
        "{ratio} standard deviations).",
        "Subtract the mean of each column and divide by its standard deviation.",
    ),
    "unscaled_column": (
        "Column(s) {columns} are on another scale: {largest}, where {usual} is usual.",
        "Subtract the mean of each column and divide by its standard deviation.",
    ),
    "target_outlier": (
        "The target of row {row} is {value}, while 90 % of them lie from {low} to "
        "{high}.",
        "Correct or clip it, or use a loss that is less sensitive to it.",
    ),
    "target_skewed": (
        "A few targets are far larger than the others (up to {largest}, half of them "
        "below {median}): they dominate the loss.",
        "Learn the logarithm of the target.",
    ),
    "target_scale": (
        "The target has a mean of {mean} and a standard deviation of {sd}, but a "
        "network learns numbers of about unit size.",
        "Standardise the target, and scale the outputs back.",
    ),
    "no_signal": (
        "No column says anything about the target in {rows} rows, nor do similar rows "
        "have similar targets: the labels look shuffled, or there is no signal.",
        "Check that rows of X and of y belong together.",
    ),
    "contradicting_rows": (
        "{count} rows have the same inputs as other rows, but another target.",
        "Find out which target is right, and correct or remove the others.",
    ),
    "identifier_column": (
        "Column(s) {columns} number the rows: they say nothing about new rows.",
        "Leave them out.",
    ),
    "grouped_rows": (
        "Rows belong to groups with the same target. {notice}",
        "Keep the rows of a group together when splitting.",
    ),
    "time_order": (
        "The target depends on time or on the order of the rows. {notice}",
        "Hold out the last rows.",
    ),
    "copied_rows": (
        "Many rows are copies of others. {notice}",
        "Remove the copies, or keep them together when splitting.",
    ),
    "linear_network": (
        "The hidden layers have no activation: the {layers} layers can do no more than "
        "one.",
        "Give the hidden layers an activation such as relu.",
    ),
    "momentum_rate": (
        "With a momentum of {momentum}, a learning rate of {rate} takes steps like "
        "one of {effective}.",
        "Lower the learning rate to {proposed}.",
    ),
    "dropout_high": (
        "Dropout after layer {layer} removes {percent} % of its values.",
        "Use a rate of 0.1 to 0.5.",
    ),
    "regularisation_strong": (
        "A weight decay of {weight_decay} keeps the weights too small: the loss is "
        "{loss}, with constant outputs it would be {baseline}.",
        "Use a weight decay of {proposed}.",
    ),
    "bottleneck": (
        "Layer {layer} has {units} unit(s): all {inputs} inputs must pass through it.",
        "Give it at least {proposed} units.",
    ),
    "too_many_weights": (
        "The network has {weights} weights for {rows} rows.",
        "Use fewer units, or stop early by validation rows.",
    ),
    "rate_too_high": (
        "The learning rate {rate} is too high: the loss rose in {percent} % of the "
        "epochs of the second half, and is {loss} at the end.",
        "Use a learning rate of {proposed}.",
    ),
    "diverged": (
        "Training diverged in epoch {epoch}: the loss became {loss}.",
        "Lower the learning rate to {proposed}, clip gradients, and scale X and y.",
    ),
    "symmetric_units": (
        "{count} of {units} units of layer {layer} have the same weights: they "
        "compute and learn the same.",
        "Start from random weights.",
    ),
    "dead_units": (
        "{count} of {units} units of layer {layer} are 0 on every row: they learn "
        "nothing any more.",
        "Lower the learning rate, or use leaky_relu, and start again.",
    ),
    "saturated_units": (
        "{percent} % of the values of layer {layer} ({activation}) are in the flat "
        "part of the activation.",
        "Scale the columns, use smaller initial weights, or use relu.",
    ),
    "exploding_gradient": (
        "The gradient of layer {layer} is {ratio} times that of the last layer.",
        "Use smaller initial weights, fewer layers, or clip gradients.",
    ),
    "vanishing_gradient": (
        "The gradient of layer {layer} is {ratio} times that of the last layer: the "
        "first layers hardly learn.",
        "Use relu instead of {activation}, or fewer layers.",
    ),
    "not_separable": (
        "The network has a single layer, but no line or plane separates the classes "
        "(accuracy {score}; similar rows give {neighbours}).",
        "Add a hidden layer.",
    ),
    "more_units_help": (
        "The network is too small: with a hidden layer of {units} units, the {metric} "
        "on held-out rows falls from {score} to {larger}.",
        "Use more units.",
    ),
    "network_too_small": (
        "The network is too small: it reaches {score} on its training rows, where "
        "similar rows alone give {neighbours}.",
        "Use more units.",
    ),
    "rate_vanished": (
        "The schedule lowers the learning rate from {first} to {last} by epoch "
        "{epoch}: later epochs change nothing.",
        "Use no schedule, or one that ends later.",
    ),
    "clipped": (
        "Gradients are clipped to a norm of {clip_norm}, far below their usual "
        "{usual}: steps are too short.",
        "Use a clip_norm of {proposed}.",
    ),
    "rate_too_low": (
        "The learning rate {rate} is too low: after {epochs} epochs the loss has only "
        "fallen from {first} to {last}.",
        "Use a learning rate of {proposed}.",
    ),
    "stopped_early": (
        "Training stopped too early: in epoch {epoch} the loss was still falling, by "
        "{percent} % over the last tenth of the epochs.",
        "Train for {proposed} epochs.",
    ),
    "overfitting": (
        "Overfitting from epoch {epoch}: since then the validation loss has risen "
        "from {best} to {last}, while the training loss fell to {training}.",
        "Stop early, use fewer units, or add dropout or weight decay.",
    ),
    "label_noise": (
        "About {percent} % of the labels look wrong: similar rows agree on another "
        "class.",
        "Look at the rows named first.",
    ),
    "inverted_labels": (
        "On the validation rows the accuracy is {score}, with the classes in another "
        "order it would be {renamed}; on the training rows it is {training}.",
        "Check that both use the same codes for the classes.",
    ),
    "class_never_predicted": (
        "Class(es) {classes} are never predicted, although {count} rows have them.",
        "Weight the classes, or give more rows of these classes.",
    ),
    "overconfident": (
        "The probabilities are too extreme: on {rows} held-out rows the mean is "
        "{confidence}, but {accuracy} of the predictions are right.",
        "Stop earlier, or divide the logits by {temperature}.",
    ),
    "gradient_spike": (
        "In epoch {epoch} the gradient was {ratio} times its usual length.",
        "Clip gradients, and look at outliers in X and y.",
    ),
    "rare_class": (
        "Class(es) {classes} have only {count} rows or fewer.",
        "Give more rows of them, or merge them with other classes.",
    ),
    "imbalanced_classes": (
        "{percent} % of the rows are of class {value}: predicting it always is right "
        "that often.",
        "Weight the classes, and look at more than the accuracy.",
    ),
    "small_validation": (
        "{rows} validation rows are too few to compare networks: the accuracy is "
        "uncertain by {error}.",
        "Use cross-validation, or hold out more rows.",
    ),
    "duplicate_column": (
        "Column(s) {columns} are copies of {originals}.",
        "Leave them out.",
    ),
    "redundant_column": (
        "Column(s) {columns} are {originals} in another unit.",
        "Leave them out.",
    ),
    "constant_column": (
        "Column(s) {columns} have the same value in all rows.",
        "Leave them out.",
    ),
    "unit_can_go": (
        "{count} of {units} units of layer {layer} have no effect on the output.",
        "A layer of {proposed} units is enough.",
    ),
    "not_learning": (
        "The network has not learned anything: its loss is {loss}, with a constant "
        "output it would be {baseline}.",
        "Check scales, learning rate and target, and begin with a small network.",
    ),
}
