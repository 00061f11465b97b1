"""The memory-saving loss and the float32 optimizer have the results of the usual ones."""

import pytest
import torch
from decoders import save_gemma, save_llama
from torch.nn.functional import cross_entropy
from transformers import AutoModelForCausalLM

from spacy_deid.generate.adapt import optimization as loss_module
from spacy_deid.generate.adapt.data import IGNORED
from spacy_deid.generate.adapt.optimization import MasterAdamW, summed_loss

INPUTS = torch.tensor([[2, 4, 5, 6, 7, 8, 9], [10, 11, 1, 2, 12, 13, 14]])
TARGETS = torch.tensor([[4, 5, 6, 7, 8, 9, 10], [11, 1, 2, 12, 13, IGNORED, IGNORED]])


def plain_loss(model, inputs, targets):
    scores = model(input_ids=inputs).logits
    return cross_entropy(scores.flatten(0, 1), targets.flatten(), ignore_index=IGNORED, reduction="sum")


@pytest.mark.parametrize("save", [save_gemma, save_llama])
@pytest.mark.parametrize("softcapping", [None, 5.0])
@pytest.mark.parametrize("positions", [1, 3, 100])
def test_loss_and_gradients_equal_the_plain_ones(tmp_path, monkeypatch, save, softcapping, positions):
    model = AutoModelForCausalLM.from_pretrained(save(tmp_path))
    model.config.final_logit_softcapping = softcapping
    model.get_output_embeddings().requires_grad_(False)
    monkeypatch.setitem(loss_module.CHUNK_BYTES, "cpu", positions * 4 * model.config.vocab_size)
    weight = model.model.layers[0].mlp.up_proj.weight

    found = summed_loss(model, INPUTS, TARGETS)
    expected = plain_loss(model, INPUTS, TARGETS)
    torch.testing.assert_close(found, expected)
    found_gradient, expected_gradient = (torch.autograd.grad(3 * loss, weight)[0] for loss in (found, expected))
    rounding = 1e-6 * expected_gradient.abs().max().item()
    torch.testing.assert_close(found_gradient, expected_gradient, rtol=1e-4, atol=rounding)


def test_steps_too_small_for_bfloat16_add_up():
    weight = torch.nn.Parameter(torch.ones(4, dtype=torch.bfloat16))
    optimizer = MasterAdamW([weight], learning_rate=1e-4)
    for _ in range(100):  # one such step is a fortieth of bfloat16's spacing at 1
        weight.grad = torch.ones_like(weight)
        optimizer.step()
    assert weight.tolist() == pytest.approx([0.99] * 4, abs=0.004)


def test_a_restored_optimizer_goes_on_as_if_never_stopped():
    def run(steps, weight, optimizer):
        for step in range(*steps):
            weight.grad = torch.full_like(weight, 1.0 + step % 3)
            optimizer.step()

    whole = torch.nn.Parameter(torch.ones(4, dtype=torch.bfloat16))
    optimizer = MasterAdamW([whole], learning_rate=1e-3)
    run((0, 20), whole, optimizer)

    stopped = torch.nn.Parameter(torch.ones(4, dtype=torch.bfloat16))
    first = MasterAdamW([stopped], learning_rate=1e-3)
    run((0, 7), stopped, first)
    second = MasterAdamW([stopped], learning_rate=1e-3)
    second.load_state_dict(first.state_dict())
    run((7, 20), stopped, second)
    assert torch.equal(second.masters[0], optimizer.masters[0])
    assert torch.equal(stopped, whole)
