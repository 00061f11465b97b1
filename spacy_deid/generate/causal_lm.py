"""Opens a causal language model from local files: its device, its identity, and its adapter."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import srsly

from spacy_deid.errors import DeidError
from spacy_deid.files import sha256, sha256_tree
from spacy_deid.generate.modes import Mode
from spacy_deid.models.resolve import resolve

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

CONFIG, WEIGHTS = "config.json", "*.safetensors"
MANIFEST = "adaptation.json"


def load_causal_lm(
    model: str, adapter: str | None = None, *, dtype: "torch.dtype", device: str = "cpu"
) -> tuple["PreTrainedModel", "PreTrainedTokenizerBase"]:
    """Return the model, ready for sampling, and its tokenizer.

    Args:
        model: Local model directory, or the name of a hub model that is already on this machine.
        adapter: Directory made by `deid adapt`; it is merged into the weights, because sampling is faster then.
        dtype: Type of the weights.
        device: "cpu", "cuda" or "cuda:1".

    Raises:
        DeidError: Model or adapter is absent, or the adapter was trained on another base model.
    """
    directory = Path(resolve(model))
    if adapter is not None:
        check_adapter(Path(adapter), directory)
    network, tokenizer = open_causal_lm(directory, dtype=dtype)
    if adapter is not None:
        network = merge(network, Path(adapter))
    return network.to(device).eval(), tokenizer  # type: ignore[arg-type]


def open_causal_lm(
    directory: Path, *, dtype: "torch.dtype", **options: object
) -> tuple["PreTrainedModel", "PreTrainedTokenizerBase"]:
    """Return the bare model in ``directory`` and its tokenizer: safetensors only, no remote code, no network.

    Args:
        directory: Hugging Face directory.
        dtype: Type of the weights.
        options: Further arguments of transformers' ``from_pretrained``.

    Raises:
        DeidError: The directory is incomplete or damaged.
    """
    from safetensors import SafetensorError
    from transformers import AutoModelForCausalLM, AutoTokenizer

    local = {"local_files_only": True, "trust_remote_code": False}
    try:
        tokenizer = AutoTokenizer.from_pretrained(directory, **local)
        network = AutoModelForCausalLM.from_pretrained(
            directory, torch_dtype=dtype, use_safetensors=True, **local, **options
        )
    except (OSError, ValueError, SafetensorError) as error:
        raise DeidError(
            f"{directory} cannot be opened as a causal language model ({type(error).__name__}). "
            "Remedy: check that it is a complete Hugging Face directory with safetensors weights and a tokenizer."
        ) from error
    return network, tokenizer


def merge(network: "PreTrainedModel", adapter: Path) -> "PreTrainedModel":
    """Return ``network`` with the adapter added to its weights; tied embeddings stay tied.

    Raises DeidError if the adapter's files are damaged.
    """
    from peft import PeftModel
    from safetensors import SafetensorError

    try:
        adapted = PeftModel.from_pretrained(network, str(adapter), local_files_only=True)
    except (OSError, ValueError, SafetensorError) as error:
        raise DeidError(
            f"The adapter {adapter} is damaged ({type(error).__name__}). Remedy: delete it and run 'spacy deid adapt'."
        ) from error
    merged = adapted.merge_and_unload()
    merged.tie_weights()
    return merged


def check_adapter(adapter: Path, directory: Path) -> None:
    """Raise DeidError unless ``adapter`` is a finished adapter of the model in ``directory``."""
    manifest = adapter / MANIFEST
    if not manifest.is_file():
        raise DeidError(
            f"{adapter} holds no finished adapter: {MANIFEST} is missing. Remedy: run 'spacy deid adapt' to its end."
        )
    try:
        trained_on = dict(srsly.read_json(manifest)["base"])
    except (ValueError, TypeError, KeyError) as error:
        raise DeidError(f"{manifest} is damaged. Remedy: run 'spacy deid adapt' again.") from error
    require_same_base(trained_on, directory, adapter)


def adapted_mode(folder: Path) -> str | None:
    """Return the mode (see `modes`) that an adapter was adapted to; None for a directory that is not an adapter."""
    return adapted_corpus(folder)[0] if (folder / MANIFEST).is_file() else None


def adapted_corpus(adapter: Path) -> tuple[Mode, str]:
    """Return the mode and the language of the notes that an adapter was adapted to."""
    corpus = srsly.read_json(adapter / MANIFEST).get("settings", {}).get("corpus", {})
    return corpus.get("mode", "prefix"), corpus.get("lang", "")


def base_identity(directory: Path) -> dict[str, str]:
    """Return the SHA-256 of a model directory's ``config`` and of its ``weights`` (all safetensors files together).

    Raises DeidError when the directory holds no configuration or no safetensors weights.
    """
    config, weights = directory / CONFIG, sorted(directory.glob(WEIGHTS))
    if not config.is_file() or not weights:
        raise DeidError(
            f"{directory} is not a model directory: it needs {CONFIG} and {WEIGHTS}. "
            f"Remedy: make one with 'spacy deid models', or name a model saved as safetensors."
        )
    return {"config": sha256(config), "weights": sha256_tree(weights, directory)}


def require_same_base(trained_on: dict[str, Any], directory: Path, adapter: Path) -> None:
    """Raise DeidError unless ``directory`` is the model that ``adapter`` was trained on.

    Args:
        trained_on: Identity of the adapter's base, see `base_identity`.
        directory: Directory of a base model.
        adapter: Directory of the adapter, for the message.
    """
    found = base_identity(directory)
    changed = [part for part, digest in found.items() if trained_on.get(part) != digest]
    if changed:
        raise DeidError(
            f"The adapter {adapter} was trained on another base model than {directory}: "
            f"the {' and the '.join(changed)} differ. Remedy: name the model it was trained on, or adapt again."
        )


def choose_device(wanted: str, quantize: bool) -> str:
    """Return "cuda" or "cpu"; raises DeidError if the wanted device, or the GPU that QLoRA needs, is absent."""
    import torch

    gpu = torch.cuda.is_available()
    if quantize and (wanted == "cpu" or not gpu):
        msg = (
            "lora.quantize = true (QLoRA) needs a GPU, and none is used. "
            "Remedy: set lora.quantize = false, or run where torch sees a GPU."
        )
        raise DeidError(msg)
    if wanted == "cuda" and not gpu:
        msg = "training.device = 'cuda', but torch sees no GPU. Remedy: set it to 'cpu' or 'auto'."
        raise DeidError(msg)
    return "cuda" if gpu and wanted != "cpu" else "cpu"


def choose_dtype(wanted: str, device: str) -> "torch.dtype":
    """Return the type of the weights; "auto" is bfloat16 if the device ("cpu", "cuda:1") has it, else float32."""
    import torch

    if wanted != "auto":
        dtype: torch.dtype = getattr(torch, wanted)
        return dtype
    if torch.device(device).type == "cuda":
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        capabilities: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()  # absent from older torch
        native = any(capabilities.get(unit) for unit in ("avx512_bf16", "amx_bf16"))
    return torch.bfloat16 if native else torch.float32
