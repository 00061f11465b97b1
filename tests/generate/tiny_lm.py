"""Language models of a few thousand weights, made on the spot."""

from pathlib import Path

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import (
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
)

WORDS = [
    "paciente",
    "ingresa",
    "por",
    "fiebre",
    "alta",
    "y",
    "dolor",
    "en",
    "el",
    "pecho",
    "recibe",
    "su",
    "tratamiento",
    ".",
]
SPECIAL = ["<pad>", "<eos>", "<bos>", "<unk>"]


def save_tokenizer(directory: Path) -> int:
    """Save a word tokenizer with Gemma's template; return how many pieces it has."""
    pieces = {piece: number for number, piece in enumerate([*SPECIAL, *WORDS])}
    tokenizer = Tokenizer(models.WordLevel(pieces, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(single="<bos> $A", special_tokens=[("<bos>", 2)])
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<bos>", eos_token="<eos>", pad_token="<pad>", unk_token="<unk>"
    ).save_pretrained(directory)
    return len(pieces)


def save_gemma(directory: Path, seed: int = 0) -> Path:
    """Save a random Gemma 3 with tied embeddings."""
    torch.manual_seed(seed)
    config = Gemma3TextConfig(
        vocab_size=save_tokenizer(directory),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=16,
        sliding_window=16,
        tie_word_embeddings=True,
    )
    Gemma3ForCausalLM(config).save_pretrained(directory)
    return directory


def save_llama(directory: Path, seed: int = 0) -> Path:
    """Save a random Llama whose output head is not tied."""
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=save_tokenizer(directory),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        tie_word_embeddings=False,
        eos_token_id=1,
        bos_token_id=2,
    )
    LlamaForCausalLM(config).save_pretrained(directory)
    return directory
