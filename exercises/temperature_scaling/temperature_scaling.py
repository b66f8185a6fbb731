"""Temperature scaling: one number that makes the confidence of a classifier honest."""

import math

import torch


class TemperatureScaler(torch.nn.Module):
    """Divides logits by a temperature T > 0, fitted by the likelihood of held-out data.

    The parameter `log_temperature`, a float tensor of shape (), holds the natural logarithm of T; it is 0 before `fit`.

    References
    ----------
    Guo et al., On Calibration of Modern Neural Networks, ICML 2017, section 4.2.

    Examples
    --------
    >>> logits = torch.tensor([[2 * math.log(3.0), 0.0]]).repeat(4, 1)
    >>> scaler = TemperatureScaler().fit(logits, torch.tensor([0, 0, 0, 1]))
    >>> round(scaler.log_temperature.exp().item(), 3)
    2.0
    """

    def __init__(self):
        raise NotImplementedError("implement TemperatureScaler")

    def fit(self, logits, targets):
        """Set T to where the mean negative log-likelihood is least, with 1e-4 <= T <= 1e6.

        Parameters
        ----------
        logits : Tensor of shape (n_samples, n_classes)
            Unnormalised finite scores of any float dtype; the work is done in float64.
        targets : Tensor of shape (n_samples,), int64

        Returns
        -------
        TemperatureScaler
            Itself.

        Raises
        ------
        ValueError
            No samples, shapes that do not fit, targets that are no classes, or logits that are not finite.
        """
        raise NotImplementedError("implement TemperatureScaler")

    def forward(self, logits):
        """Logits divided by T, in their shape and dtype."""
        raise NotImplementedError("implement TemperatureScaler")
