"""Random decoders of a few thousand weights and a tokenizer of characters: everything but the sense is real."""

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import (
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
)

PIECES = ["<pad>", "<eos>", "<bos>", "<unk>", *(chr(code) for code in range(32, 127)), *"áéíóúñ\n"]
SPECIAL = {"pad_token_id": 0, "eos_token_id": 1, "bos_token_id": 2}
FAR_FROM_UNIFORM = 0.15  # initial weights so wide that a wrong cache shows in the text


def character_tokenizer() -> PreTrainedTokenizerFast:
    """Begins each text with <bos>, as Gemma's does."""
    tokenizer = Tokenizer(models.WordLevel({piece: i for i, piece in enumerate(PIECES)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    tokenizer.decoder = decoders.Fuse()
    tokenizer.post_processor = processors.TemplateProcessing(single="<bos> $A", special_tokens=[("<bos>", 2)])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<bos>", eos_token="<eos>", unk_token="<unk>", pad_token="<pad>"
    )


def gemma(window: int = 8) -> Gemma3ForCausalLM:
    """Grouped heads, and sliding layers whose window a short note already passes."""
    torch.manual_seed(0)
    config = Gemma3TextConfig(
        vocab_size=len(PIECES),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=8,
        query_pre_attn_scalar=8,
        sliding_window=window,
        layer_types=["sliding_attention", "full_attention", "sliding_attention"],
        max_position_embeddings=512,
        initializer_range=FAR_FROM_UNIFORM,
        **SPECIAL,
    )
    return Gemma3ForCausalLM(config).eval()


def llama() -> LlamaForCausalLM:
    """One window for all layers: none."""
    torch.manual_seed(1)
    config = LlamaConfig(
        vocab_size=len(PIECES),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        initializer_range=FAR_FROM_UNIFORM,
        **SPECIAL,
    )
    return LlamaForCausalLM(config).eval()


def gpt2() -> GPT2LMHeadModel:
    """Learned positions, as GPT-SW3 has."""
    torch.manual_seed(1)
    config = GPT2Config(
        vocab_size=len(PIECES), n_embd=32, n_layer=2, n_head=4, initializer_range=FAR_FROM_UNIFORM, **SPECIAL
    )
    return GPT2LMHeadModel(config).eval()
