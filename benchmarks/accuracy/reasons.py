"""Why Ranvier errs more than others on a table, as far as it has been looked into."""

# Wrong rows are counted in the results; a cause nobody has tested is called a guess.
REASONS: dict[str, str] = {
    "thyroid": "16 wrong rows against 6 of 1,800; a guess: exact thresholds made its "
    "classes, which trees cut and a network rounds",
    "ionosphere": "21 wrong rows against 16 of 3 times 87: may be chance",
    "chess_krkp": "7 wrong rows against 4 of 799: may be chance",
    "breast_cancer": "7 wrong rows against 5 of 3 times 142: may be chance",
    "hypothyroid": "9 wrong rows against 6 of 790: may be chance",
}
