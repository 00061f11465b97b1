"""Converts Gemma 3 270M from its pip package to a Hugging Face directory with a correct tokenizer and fewer pieces."""

import json
from collections.abc import Iterable
from contextlib import nullcontext, redirect_stderr
from io import StringIO
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from spacy_deid.files import write_text
from spacy_deid.models.gguf_tokenizer import BOS, EOS, PAD, PROBE, UNK, build_tokenizer, check_tokenizer, read_pieces
from spacy_deid.models.vocabulary import Cut, Spec, cut_bpe

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def convert_lm(gguf: Path, forms: Iterable[str] | None, out: Path, *, quiet: bool = False) -> dict[str, int]:
    """Write the language model and return the numbers of pieces and parameters.

    Weights are written in bfloat16, the type Gemma was trained in; input and output embeddings stay tied.

    Args:
        gguf: The whole GGUF file.
        forms: Words whose pieces are kept, in addition to those of the sentence that checks the tokenizer; None keeps
            every piece.
        out: Existing directory.
        quiet: Show no progress bar.
    """
    from tokenizers import Tokenizer

    full = build_tokenizer(read_pieces(gguf))
    check_tokenizer(full)
    spec = json.loads(full.to_str())
    if forms is None:
        cut = Cut(spec, list(range(full.get_vocab_size())))
    else:
        cut = cut_bpe(spec, chain(forms, PROBE[0].split()))
    check_tokenizer(Tokenizer.from_str(json.dumps(cut.spec)))
    # transformers shows its progress bar in any case
    with redirect_stderr(StringIO()) if quiet else nullcontext():
        model = _load(gguf)
    _cut_rows(model, cut)
    model.save_pretrained(out)
    _write_tokenizer(cut.spec, model.config.max_position_embeddings, out)
    return {"pieces": len(cut.kept), "parameters": sum(tensor.numel() for tensor in model.parameters())}


def _load(gguf: Path) -> "PreTrainedModel":
    import torch
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, torch_dtype=torch.bfloat16)


def _cut_rows(model: "PreTrainedModel", cut: Cut) -> None:
    """Keep the embedding rows of the kept pieces, and set the new ids of the special pieces."""
    import torch
    from transformers import GenerationConfig

    rows = model.get_input_embeddings().weight.data[torch.tensor(cut.kept)].clone()
    model.resize_token_embeddings(len(cut.kept), mean_resizing=False)
    model.get_input_embeddings().weight.data = rows
    model.tie_weights()
    special = _special_ids(cut.spec)
    model.config.update(special)
    # the model's own distribution without its tail, as in Vakili et al. (2025); top_k 0 is off
    model.generation_config = GenerationConfig(do_sample=True, temperature=1.0, top_p=0.95, top_k=0, **special)


def _special_ids(spec: Spec) -> dict[str, int]:
    vocabulary = spec["model"]["vocab"]
    return {"pad_token_id": vocabulary[PAD], "eos_token_id": vocabulary[EOS], "bos_token_id": vocabulary[BOS]}


def _write_tokenizer(spec: Spec, positions: int, out: Path) -> None:
    from transformers import PreTrainedTokenizerFast

    file = out / "tokenizer.json"
    write_text(file, json.dumps(spec, ensure_ascii=False), 0o644)
    PreTrainedTokenizerFast(
        tokenizer_file=str(file),
        bos_token=BOS,
        eos_token=EOS,
        unk_token=UNK,
        pad_token=PAD,
        padding_side="left",  # batched sampling continues at the right end
        model_max_length=positions,
    ).save_pretrained(out)
