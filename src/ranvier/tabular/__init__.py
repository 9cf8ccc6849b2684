"""The estimators for raw tables: TabularClassifier and TabularRegressor."""
