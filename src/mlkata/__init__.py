"""Machine-learning coding exercises with graders whose verdicts can be trusted."""

__version__ = "0.1.0"
