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
        super().__init__()
        self.log_temperature = torch.nn.Parameter(torch.zeros(()))

    @torch.no_grad()
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
        if logits.ndim != 2 or targets.shape != logits.shape[:1] or not len(logits):
            raise ValueError(f"expected logits (n, c) and targets (n,): {tuple(logits.shape)}, {tuple(targets.shape)}")
        if targets.min() < 0 or targets.max() >= logits.shape[1] or not logits.isfinite().all():
            raise ValueError("targets must be classes, and logits finite")
        z = logits.double()
        z = z - z.gather(1, targets[:, None])  # the true class is at 0: the NLL is logsumexp(z / T)
        # The NLL is convex in 1/T: its slope, the mean of z under the softmax, has one sign on each side of the best.
        low, high = math.log(1e-4), math.log(1e6)
        for _ in range(50):
            middle = (low + high) / 2
            p = torch.softmax(z * math.exp(-middle), dim=1)
            if (p * z).sum() < 0:
                high = middle
            else:
                low = middle
        self.log_temperature.fill_((low + high) / 2)
        return self

    def forward(self, logits):
        """Logits divided by T, in their shape and dtype."""
        return logits / self.log_temperature.exp()
