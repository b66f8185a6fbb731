"""Graph convolution that works on a list of edges and never builds an n x n matrix."""

import torch


def propagate(x, edge_index):
    """Mix the features of neighbours, ``D^(-1/2) (A + I) D^(-1/2) x``.

    Parameters
    ----------
    x : Tensor of shape (n_nodes, n_features)
        Features of the nodes.
    edge_index : Tensor of shape (2, n_edges), int64
        Row 0 holds the source of each edge, row 1 its target. An edge counts as often as it is listed; listed
        self-loops are dropped, since every node has one anyway.

    Returns
    -------
    Tensor of shape (n_nodes, n_features)
        Dtype of `x`. A node receives from the sources of its incoming edges and from itself; its degree is the number
        of these.

    References
    ----------
    Kipf and Welling, Semi-Supervised Classification with Graph Convolutional Networks, ICLR 2017, equation 2.

    Examples
    --------
    >>> out = propagate(torch.tensor([[4.0], [0.0], [1.0]]), torch.tensor([[0, 1], [1, 0]]))
    >>> out.round(decimals=3)
    tensor([[2.],
            [2.],
            [1.]])
    """
    source, target = edge_index[:, edge_index[0] != edge_index[1]]
    # Counts are integers: bfloat16 could not count beyond 256.
    degree = torch.bincount(target, minlength=len(x)) + 1
    scale = degree.to(x.dtype).rsqrt().unsqueeze(1)  # (n_nodes, 1)
    scaled = x * scale
    # What is added to is each node's own part: the self-loop.
    return scaled.index_add(0, target, scaled[source]) * scale


class GCNLayer(torch.nn.Module):
    """Graph convolution: `propagate` of ``x @ weight``, plus `bias`.

    Parameters
    ----------
    n_in, n_out : int
        Numbers of features before and behind.
    bias : bool, default True
        Whether there is a bias.

    Attributes
    ----------
    weight : Parameter of shape (n_in, n_out)
        Drawn uniformly up to ``sqrt(6 / (n_in + n_out))`` in size.
    bias : Parameter of shape (n_out,), or None
        Zero at first.
    """

    def __init__(self, n_in, n_out, bias=True):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.empty(n_in, n_out))
        torch.nn.init.xavier_uniform_(self.weight)
        self.bias = torch.nn.Parameter(torch.zeros(n_out)) if bias else None

    def forward(self, x, edge_index):
        """New features of shape (n_nodes, n_out); arguments as for `propagate`."""
        out = propagate(x @ self.weight, edge_index)
        return out if self.bias is None else out + self.bias
