"""A web service around a model."""

from fastapi import FastAPI


def create_app(load_model, *, n_features, max_batch=100):
    """Application that validates requests and answers with a model's predictions.

    Parameters
    ----------
    load_model : callable
        Called once at startup; returns a model with ``predict(rows)`` and ``close()``.
    n_features : int
        Numbers in a row.
    max_batch : int, default 100
        Rows that one request may have.

    Returns
    -------
    FastAPI
        With ``POST /predict``, ``POST /predict/batch``, ``GET /health`` and ``GET /ready``.

    References
    ----------
    FastAPI's documentation, Lifespan Events; RFC 8259, section 6.
    """
    raise NotImplementedError("implement create_app")
