"""deid.TwoPaceAdam.v1: thinc's Adam, slower where PyTorch's pretrained parameters are concerned."""

import numpy
import pytest
import torch
from spacy.util import registry
from thinc.api import Adam, Linear, PyTorchWrapper, chain

PRETRAINED, NEW = "encoder.layer.0.weight", "W"


def two_pace(learn_rate=0.01, **settings):
    block = {"@optimizers": "deid.TwoPaceAdam.v1", "learn_rate": learn_rate, **settings}
    return registry.resolve({"optimizer": block})["optimizer"]


def walk(optimizer, parameter, steps=5):
    """Return where a parameter is after each step along the same random gradients."""
    rng = numpy.random.default_rng(0)
    weights = rng.normal(size=(3, 4)).astype("f")
    path = [weights.copy()]
    for _ in range(steps):
        gradient = 10 * rng.normal(size=weights.shape).astype("f")  # 10: clipped
        weights, gradient = optimizer((1, parameter), weights, gradient)
        assert not gradient.any()
        optimizer.step_schedules()
        path.append(weights.copy())
    return numpy.stack(path)


@pytest.mark.parametrize("parameter", [PRETRAINED, NEW])
def test_at_the_same_pace_it_is_thincs_adam(parameter):
    adam = Adam(0.01, L2=0.01, grad_clip=1.0, L2_is_weight_decay=True, use_averages=False)
    ours = walk(two_pace(pretrained_scale=1.0), parameter)
    numpy.testing.assert_array_equal(ours, walk(adam, parameter))
    assert (ours[0] != ours[-1]).all()


@pytest.mark.parametrize("scale", [0.04, 0.5])
def test_a_pretrained_parameter_moves_so_many_times_as_far(scale):
    new, pretrained = (walk(two_pace(pretrained_scale=scale, L2=0.0), name) for name in (NEW, PRETRAINED))
    numpy.testing.assert_allclose(pretrained - pretrained[0], scale * (new - new[0]), atol=1e-6)


def test_the_scale_says_nothing_of_new_parameters():
    slow, slower = (walk(two_pace(pretrained_scale=scale), NEW) for scale in (0.5, 0.01))
    numpy.testing.assert_array_equal(slow, slower)


def test_both_paces_follow_the_schedule():
    first_step_only = {"@schedules": "warmup_linear.v1", "initial_rate": 0.01, "warmup_steps": 1, "total_steps": 2}
    for name in (NEW, PRETRAINED):
        steps = numpy.abs(numpy.diff(walk(two_pace(first_step_only, L2=0.0), name, steps=4), axis=0)).max(axis=(1, 2))
        assert [bool(step) for step in steps] == [False, True, False, False]


def test_what_pytorch_brings_to_a_model_is_what_moves_slowly():
    encoder = PyTorchWrapper(torch.nn.Sequential(torch.nn.Linear(4, 4)))
    head = Linear(2, 4)
    model = chain(encoder, head)
    inputs = numpy.ones((3, 4), dtype="f")
    model.initialize(X=inputs)
    pretrained = encoder.shims[0]._model.state_dict()["0.weight"].clone()
    new = head.get_param("W").copy()

    outputs, backprop = model.begin_update(inputs)
    backprop(numpy.ones_like(outputs))
    model.finish_update(two_pace(pretrained_scale=0.0))

    assert torch.equal(encoder.shims[0]._model.state_dict()["0.weight"], pretrained)
    assert (head.get_param("W") != new).all()
