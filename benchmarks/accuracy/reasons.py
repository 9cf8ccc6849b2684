"""Why Ranvier errs more than others on a table, as far as it has been looked into."""

# Wrong rows are counted in the results; a cause nobody has tested is called a guess.
REASONS: dict[str, str] = {
    "thyroid": "17 wrong rows against 6 of 1,800; a guess: exact thresholds made its "
    "classes, which trees cut and a network rounds",
    "chess_krkp": "7 wrong rows against 4 of 799: may be chance",
    "hypothyroid": "9 wrong rows against 6 of 790: may be chance",
    "pima": "16 more wrong rows of 3 times 192; not looked into",
    "banana": "14 more wrong rows of 1,325; not looked into",
}
