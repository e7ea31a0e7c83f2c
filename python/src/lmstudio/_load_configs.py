"""Load options as records; see ``_configs``."""

from __future__ import annotations

from ._configs import Options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Literal


class GpuSetting(Options):
    """How a model is spread over the GPUs.

    Attributes:
        ratio: Share of the layers to offload, 0.0 to 1.0, ``"max"`` or ``"off"``.
        main_gpu: Index of the main GPU.
        split_strategy: How to share the work out among several.
        disabled_gpus: Indexes of GPUs to leave alone.
        num_cpu_expert_layers_ratio: Share of the layers whose experts stay off the GPUs.
    """

    ratio: float | Literal["max", "off"] | None = None
    main_gpu: int | None = None
    split_strategy: Literal["evenly", "favorMainGpu"] | None = None
    disabled_gpus: Sequence[int] | None = None
    num_cpu_expert_layers_ratio: float | Literal["max", "off"] | None = None


class LlmLoadModelConfig(Options, nested={"gpu": GpuSetting}):
    """How a language model is loaded.

    Attributes:
        gpu: What runs on which GPU.
        gpu_strict_vram_cap: Never use more than a GPU's own memory.
        offload_kv_cache_to_gpu: Keep the key-value cache on the GPU.
        context_length: Tokens of prompt and answer together, 1 or more.
        rope_frequency_base: Base of the rotary position encoding.
        rope_frequency_scale: Scale of the rotary position encoding.
        eval_batch_size: Prompt tokens per step, 1 or more.
        flash_attention: Use the fused attention kernels.
        keep_model_in_memory: Never let the system page the weights out.
        seed: Seed of the random numbers.
        use_fp16_for_kv_cache: Key-value cache in half precision.
        try_mmap: Map the file rather than read it.
        num_experts: Experts per token in a mixture-of-experts model.
        llama_k_cache_quantization_type: Type of the key cache, or False for the default.
        llama_v_cache_quantization_type: Type of the value cache, or False for the default.
        prompt_template: ``{"type": "jinja", "jinjaPromptTemplate": {"template": …}}`` for chats.
        reasoning_budget_message: Text that ends the thinking where a budget does.
        cpu_thread_pool_size: Threads that predictions have together, 1 or more.
        speculative_draft_simple: Whether another model guesses ahead.
        speculative_draft_model: Key of that model.
        speculative_draft_max_tokens: Most tokens it guesses at a time, 0 or more.
        speculative_draft_min_tokens: Shortest guess worth checking, 0 or more.
        speculative_draft_min_continue_probability: It stops below this, 0 to 1.
        speculative_draft_mtp: Whether the model's own heads guess ahead; LM Studio only.
        physical_batch_size: Prompt tokens between two reports of progress, 1 or more.
        try_direct_io: Read the file past the system's cache rather than map it.
        max_parallel_predictions: Predictions that run at once, 1 to 1,023, default 4.
        use_unified_kv_cache: Whether these share the context (default); else each has its part.
        context_checkpoints: States kept of each prompt where the model could not go back to them
            otherwise, 0 or more.
        mlx_disk_cache: Keep prompts' caches on disk; LM Studio's MLX engine only.
        mlx_kv_cache_quantization: ``{"enabled", "bits", "groupSize", "quantizedStart"}``; likewise.
    """

    gpu: GpuSetting | None = None
    gpu_strict_vram_cap: bool | None = None
    offload_kv_cache_to_gpu: bool | None = None
    context_length: int | None = None
    rope_frequency_base: float | None = None
    rope_frequency_scale: float | None = None
    eval_batch_size: int | None = None
    flash_attention: bool | None = None
    keep_model_in_memory: bool | None = None
    seed: int | None = None
    use_fp16_for_kv_cache: bool | None = None
    try_mmap: bool | None = None
    num_experts: int | None = None
    llama_k_cache_quantization_type: str | bool | None = None
    llama_v_cache_quantization_type: str | bool | None = None
    prompt_template: Mapping[str, Any] | None = None
    reasoning_budget_message: str | None = None
    cpu_thread_pool_size: int | None = None
    speculative_draft_simple: bool | None = None
    speculative_draft_model: str | None = None
    speculative_draft_max_tokens: int | None = None
    speculative_draft_min_tokens: int | None = None
    speculative_draft_min_continue_probability: float | None = None
    speculative_draft_mtp: bool | None = None
    physical_batch_size: int | None = None
    try_direct_io: bool | None = None
    max_parallel_predictions: int | None = None
    use_unified_kv_cache: bool | None = None
    context_checkpoints: int | None = None
    mlx_disk_cache: bool | None = None
    mlx_kv_cache_quantization: Mapping[str, Any] | None = None


class EmbeddingLoadModelConfig(Options, nested={"gpu": GpuSetting}):
    """How an embedding model is loaded.

    Attributes:
        gpu: What runs on which GPU.
        context_length: Most tokens of a text, 1 or more.
        rope_frequency_base: Base of the rotary position encoding.
        rope_frequency_scale: Scale of the rotary position encoding.
        keep_model_in_memory: Never let the system page the weights out.
        try_mmap: Map the file rather than read it.
        eval_batch_size: Tokens of the texts that are computed together, 1 or more.
    """

    gpu: GpuSetting | None = None
    context_length: int | None = None
    rope_frequency_base: float | None = None
    rope_frequency_scale: float | None = None
    keep_model_in_memory: bool | None = None
    try_mmap: bool | None = None
    eval_batch_size: int | None = None
