"""Choosing the GPU that spaCy pipelines run on."""

from spacy_deid.errors import DeidError


def use_gpu(gpu_id: int) -> None:
    """Let spaCy run on the GPU ``gpu_id``; -1 stays on the CPU. Raises DeidError where it is not to be had."""
    if gpu_id < 0:
        return
    from thinc.api import require_gpu

    try:
        require_gpu(gpu_id)
    except ValueError as error:
        raise DeidError(
            f"There is no usable GPU {gpu_id}. Remedy: install CuPy for it, or pass --gpu-id -1."
        ) from error
