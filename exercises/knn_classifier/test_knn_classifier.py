"""Visible examples of knn_classifier: run them with `pytest exercises/knn_classifier`."""
