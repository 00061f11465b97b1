"""Adam with a slower pace for pretrained weights."""

from typing import Any

from thinc.api import Optimizer
from thinc.types import FloatsXd, Generator


class TwoPaceAdam(Optimizer):
    """Adam that moves PyTorch's parameters, the pretrained ones, by ``pretrained_scale`` times the learning rate.

    New layers start from noise and want steps that would destroy a pretrained encoder: discriminative fine-tuning
    (Howard and Ruder 2018, arXiv 1801.06146). A parameter of PyTorch is known by the dots in its name.
    """

    def __init__(self, learn_rate: float | list[float] | Generator, pretrained_scale: float, **settings: Any) -> None:
        super().__init__(learn_rate, **settings)
        self.pretrained_scale = pretrained_scale

    def __call__(
        self, key: tuple[int, str], weights: FloatsXd, gradient: FloatsXd, *, lr_scale: float = 1.0
    ) -> tuple[FloatsXd, FloatsXd]:
        """Return ``weights`` moved along ``gradient``, and the gradient emptied, as thinc's optimizer does."""
        pretrained = "." in key[1]
        return super().__call__(
            key, weights, gradient, lr_scale=lr_scale * (self.pretrained_scale if pretrained else 1.0)
        )


def make_two_pace_adam(
    learn_rate: Any,
    pretrained_scale: float = 0.05,
    L2: float = 0.01,  # noqa: N803 - as in thinc
    grad_clip: float = 1.0,
) -> TwoPaceAdam:
    """Return the optimizer ``deid.TwoPaceAdam.v1``; settings as in thinc's Adam.v1, with weight decay."""
    return TwoPaceAdam(
        learn_rate,
        pretrained_scale,
        L2=L2,
        grad_clip=grad_clip,
        beta1=0.9,
        beta2=0.999,
        eps=1e-8,
        L2_is_weight_decay=True,
        use_averages=False,
    )
