"""scikit-learn estimators on Ranvier's engine."""
