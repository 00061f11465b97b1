"""Random decoders of a few thousand weights, and tokenizers for them: all is real except the meaning of the texts."""

from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import (
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)

SPECIAL_PIECES = ["<pad>", "<eos>", "<bos>", "<unk>"]
PIECES = [*SPECIAL_PIECES, *(chr(code) for code in range(32, 127)), *"áéíóúñ\n"]
NOTE = "paciente ingresa por fiebre alta y dolor en el pecho recibe su tratamiento ."
WORDS = list(dict.fromkeys([*SPECIAL_PIECES, *NOTE.split()]))
SPECIAL = {"pad_token_id": 0, "eos_token_id": 1, "bos_token_id": 2}
FAR_FROM_UNIFORM = 0.15  # initial weights so wide that a wrong cache shows in the text


def character_tokenizer() -> PreTrainedTokenizerFast:
    """One token for each character."""
    return _tokenizer(PIECES, pre_tokenizers.Split("", "isolated"))


def word_tokenizer() -> PreTrainedTokenizerFast:
    """One token for each word: short texts, for training."""
    return _tokenizer(WORDS, pre_tokenizers.Whitespace())


def _tokenizer(pieces: list[str], splitter: pre_tokenizers.PreTokenizer) -> PreTrainedTokenizerFast:
    """Begins each text with <bos>, as Gemma's does."""
    tokenizer = Tokenizer(models.WordLevel({piece: i for i, piece in enumerate(pieces)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = splitter
    tokenizer.decoder = decoders.Fuse()
    tokenizer.post_processor = processors.TemplateProcessing(single="<bos> $A", special_tokens=[("<bos>", 2)])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<bos>", eos_token="<eos>", unk_token="<unk>", pad_token="<pad>"
    )


def gemma(seed: int = 0, **changes) -> Gemma3ForCausalLM:
    """Grouped heads, tied embeddings, and sliding layers whose window is shorter than a short note."""
    torch.manual_seed(seed)
    settings = dict(
        vocab_size=len(PIECES),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=8,
        query_pre_attn_scalar=8,
        sliding_window=8,
        layer_types=["sliding_attention", "full_attention", "sliding_attention"],
        max_position_embeddings=512,
        initializer_range=FAR_FROM_UNIFORM,
        **SPECIAL,
    )
    return Gemma3ForCausalLM(Gemma3TextConfig(**settings | changes)).eval()


def llama(**changes) -> LlamaForCausalLM:
    """No sliding window in any layer; the output head is not tied."""
    torch.manual_seed(1)
    settings = dict(
        vocab_size=len(PIECES),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        initializer_range=FAR_FROM_UNIFORM,
        **SPECIAL,
    )
    return LlamaForCausalLM(LlamaConfig(**settings | changes)).eval()


def gpt2() -> GPT2LMHeadModel:
    """Learned positions, like GPT-SW3."""
    torch.manual_seed(1)
    config = GPT2Config(
        vocab_size=len(PIECES), n_embd=32, n_layer=2, n_head=4, initializer_range=FAR_FROM_UNIFORM, **SPECIAL
    )
    return GPT2LMHeadModel(config).eval()


TO_TRAIN = {"vocab_size": len(WORDS), "initializer_range": 0.02}


def save_gemma(directory: Path, seed: int = 0) -> Path:
    """Save a Gemma that reads words and can be trained."""
    return _save(gemma(seed, **TO_TRAIN), directory)


def save_llama(directory: Path) -> Path:
    """Save a Llama that reads words and can be trained."""
    return _save(llama(**TO_TRAIN), directory)


def _save(model: PreTrainedModel, directory: Path) -> Path:
    model.save_pretrained(directory)
    word_tokenizer().save_pretrained(directory)
    return directory
