"""Converts multilingual-e5-small from its pip package to a Hugging Face BERT directory with a reduced vocabulary."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from spacy_deid.errors import DeidError
from spacy_deid.files import write_text
from spacy_deid.models.e5 import E5File, E5Vocabulary, read_e5
from spacy_deid.models.vocabulary import Spec, cut_unigram

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MASK = "<mask>"
SPECIAL_TOKENS = {
    "bos_token": "<s>",
    "eos_token": "</s>",
    "sep_token": "</s>",
    "cls_token": "<s>",
    "unk_token": "<unk>",
    "pad_token": "<pad>",
    "mask_token": MASK,
}
# (name in the file, name in BertModel, rows, columns); H hidden size, F feed-forward size
_LAYER_MATRICES = (
    ("q", "attention.self.query", "H", "H"),
    ("k", "attention.self.key", "H", "H"),
    ("v", "attention.self.value", "H", "H"),
    ("ao", "attention.output.dense", "H", "H"),
    ("fi", "intermediate.dense", "F", "H"),
    ("fo", "output.dense", "H", "F"),
)
_LAYER_NORMS = (("aln", "attention.output.LayerNorm"), ("oln", "output.LayerNorm"))


def convert_encoder(weights: Path, tokenizer: Path, forms: Iterable[str], out: Path) -> dict[str, int]:
    """Write the encoder and return the numbers of pieces and parameters.

    The model is written in float32, because it is fine-tuned, and without a pooler, which e5 lacks.

    Args:
        weights: The E5S1 file.
        tokenizer: The tokenizers library's JSON with the same pieces.
        forms: Words whose pieces are kept.
        out: Existing directory.
    """
    import torch
    from transformers import BertConfig, BertModel

    source = read_e5(weights)
    spec: Spec = json.loads(tokenizer.read_text("utf8"))
    _check_same_pieces(source.vocabulary, spec)
    cut = cut_unigram(spec, forms)
    shape = source.shape
    config = BertConfig(
        vocab_size=len(cut.kept),
        hidden_size=shape.hidden,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=shape.feed_forward,
        max_position_embeddings=shape.positions,
        type_vocab_size=shape.token_types,
        layer_norm_eps=source.layer_norm_epsilon,
        pad_token_id=source.vocabulary.pad,
    )
    model = BertModel(config, add_pooling_layer=False)
    model.load_state_dict({name: torch.from_numpy(array) for name, array in _tensors(source, cut.kept)})
    model.save_pretrained(out)
    _write_tokenizer(cut.spec, shape.positions, out)
    return {"pieces": len(cut.kept), "parameters": sum(tensor.numel() for tensor in model.parameters())}


def _check_same_pieces(vocabulary: E5Vocabulary, spec: Spec) -> None:
    """Raise DeidError unless the tokenizer numbers its pieces as the weights do (the mask is the tokenizer's own)."""
    listed = spec["model"]["vocab"]
    for index, (piece, (name, score)) in enumerate(zip(vocabulary.pieces, listed, strict=False)):
        if name != MASK and (piece != name or abs(vocabulary.scores[index] - score) > 1e-4):
            msg = (
                f"Piece {index} is {piece!r} in the weights and {name!r} in the tokenizer: the packages do not match. "
                "Remedy: install the versions in constraints.txt."
            )
            raise DeidError(msg)


def _tensors(source: E5File, kept: list[int]) -> Iterator[tuple[str, "NDArray[np.float32]"]]:
    """Yield the state of BertModel, name and float32 array, with only the kept rows of the word embeddings."""
    shape = source.shape
    hidden = shape.hidden
    words = source.matrix("emb.word", shape.vocabulary, hidden)
    yield "embeddings.word_embeddings.weight", words[kept]
    yield "embeddings.position_embeddings.weight", source.vector("emb.pos", shape.positions, hidden)
    yield "embeddings.token_type_embeddings.weight", source.vector("emb.type", shape.token_types, hidden)
    yield "embeddings.LayerNorm.weight", source.vector("emb.ln.w", hidden)
    yield "embeddings.LayerNorm.bias", source.vector("emb.ln.b", hidden)
    sizes = {"H": hidden, "F": shape.feed_forward}
    for layer in range(shape.layers):
        prefix = f"encoder.layer.{layer}"
        for short, name, rows, columns in _LAYER_MATRICES:
            matrix = source.matrix(f"l{layer}.{short}.w", sizes[rows], sizes[columns])
            yield f"{prefix}.{name}.weight", matrix
            yield f"{prefix}.{name}.bias", source.vector(f"l{layer}.{short}.b", sizes[rows])
        for short, name in _LAYER_NORMS:
            yield f"{prefix}.{name}.weight", source.vector(f"l{layer}.{short}.w", hidden)
            yield f"{prefix}.{name}.bias", source.vector(f"l{layer}.{short}.b", hidden)


def _write_tokenizer(spec: Spec, positions: int, out: Path) -> None:
    """Write the tokenizer, with its maximum length: spacy-transformers learns the number of positions from it."""
    from transformers import PreTrainedTokenizerFast

    file = out / "tokenizer.json"
    write_text(file, json.dumps(spec, ensure_ascii=False), 0o644)
    PreTrainedTokenizerFast(
        tokenizer_file=str(file),
        **SPECIAL_TOKENS,
        model_max_length=positions,
    ).save_pretrained(out)
