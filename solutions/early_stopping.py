"""Early stopping: end the training when it no longer helps, and go back to the best weights."""

import copy
import math


class EarlyStopping:
    """Watches a value once an epoch, says when to stop, and keeps the weights of the best epoch.

    Parameters
    ----------
    patience : int, default 5
        Number of epochs in a row without improvement after which to stop, at least 1.
    mode : {"min", "max"}
        Whether lower or higher values are better.
    min_delta : float, default 0.0
        An improvement is better than the best value by more than this, at least 0.

    Attributes
    ----------
    best_value : float or None
        Value of the last improvement; None before the first.
    best_epoch : int or None
        Its epoch, counted from 0; None before the first.

    Raises
    ------
    ValueError
        Another mode, a patience below 1, or a negative `min_delta`.

    References
    ----------
    Prechelt, Early Stopping - But When?, Neural Networks: Tricks of the Trade, 1998.

    Examples
    --------
    >>> import torch
    >>> model, stopper = torch.nn.Linear(2, 1), EarlyStopping(patience=2)
    >>> [stopper.step(value, model) for value in (0.9, 0.7, 0.8, 0.7)]
    [False, False, False, True]
    >>> stopper.best_value, stopper.best_epoch
    (0.7, 1)
    """

    def __init__(self, patience=5, *, mode="min", min_delta=0.0):
        if mode not in ("min", "max"):
            raise ValueError(f"mode must be min or max, found {mode!r}")
        if patience < 1 or not min_delta >= 0:
            raise ValueError(f"patience must be at least 1 and min_delta 0, found {patience} and {min_delta}")
        self.patience, self.mode, self.min_delta = patience, mode, min_delta
        self.best_value = self.best_epoch = self.best_state = None
        self.epoch = self.n_bad = 0

    def step(self, value, model):
        """Take in the value of an epoch, and the model as it is after it.

        Parameters
        ----------
        value : number or 0-d Tensor
            What is watched, such as the validation loss; NaN and infinities are no improvement.
        model : torch.nn.Module
            Copied if the value is an improvement; left as it is.

        Returns
        -------
        bool
            Whether the last `patience` epochs, or more, brought no improvement.
        """
        # A tensor could change later, and would keep its graph.
        value = float(value.item() if hasattr(value, "item") else value)
        if self._improves(value):
            self.best_value, self.best_epoch, self.n_bad = value, self.epoch, 0
            self.best_state = copy.deepcopy(model.state_dict())
        else:
            self.n_bad += 1
        self.epoch += 1
        return self.n_bad >= self.patience

    def restore(self, model):
        """Put the weights and buffers of the best epoch into the model, in place.

        Parameters
        ----------
        model : torch.nn.Module
            The model that was trained, or another one of the same structure.

        Raises
        ------
        RuntimeError
            There was no improvement yet.
        """
        if self.best_state is None:
            raise RuntimeError("there is no best epoch to restore")
        model.load_state_dict(self.best_state)

    def _improves(self, value):
        if not math.isfinite(value):
            return False
        if self.best_value is None:
            return True
        gain = self.best_value - value if self.mode == "min" else value - self.best_value
        return gain > self.min_delta
