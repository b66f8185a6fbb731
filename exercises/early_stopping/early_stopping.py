"""Early stopping: end the training when it no longer helps, and go back to the best weights."""


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
        raise NotImplementedError("implement EarlyStopping")

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
        raise NotImplementedError("implement EarlyStopping")

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
        raise NotImplementedError("implement EarlyStopping")
