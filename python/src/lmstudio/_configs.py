"""Prediction options as records. A dict, in either spelling, does as well everywhere.

Nothing is checked here: the library checks names, types and ranges, so that every way in gives
the same answer. A field left at None keeps the default.
"""

from __future__ import annotations

from ._struct import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Literal

    from typing_extensions import Self


class Options(Struct):
    """A record that people fill in: a name that nothing knows draws a warning."""

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Make a record from options by name, in camelCase or snake_case.

        Warns:
            LMStudioUnknownOptionWarning: If a name is not known.
        """
        from ._options import warn_of_unknown

        for name in cls._members(data):
            if name not in cls._names and (cls._tag is None or name != cls._tag[0]):
                warn_of_unknown(name, cls.__name__, list(cls._names))
        return super().from_dict(data)


class LlmStructuredPredictionSetting(Options):
    """The form an answer must have.

    Attributes:
        type: ``"json"``, ``"gbnf"`` or ``"none"``.
        json_schema: JSON schema for ``"json"``; its keys are never renamed.
        gbnf_grammar: Grammar for ``"gbnf"``.
    """

    type: Literal["none", "json", "gbnf"]
    json_schema: Mapping[str, Any] | None = None
    gbnf_grammar: str | None = None


class LlmReasoningParsing(Options):
    """How the model's thinking is told from its answer.

    Attributes:
        enabled: Whether it is.
        start_string: The mark before it.
        end_string: The mark after it.
    """

    enabled: bool
    start_string: str
    end_string: str


class LlmManualPromptTemplate(Options):
    """Text to put round each message of a chat."""

    before_system: str
    after_system: str
    before_user: str
    after_user: str
    before_assistant: str
    after_assistant: str


class LlmJinjaPromptTemplate(Options):
    """A chat template in Jinja."""

    template: str


class LlmPromptTemplate(
    Options,
    nested={
        "manual_prompt_template": LlmManualPromptTemplate,
        "jinja_prompt_template": LlmJinjaPromptTemplate,
    },
):
    """How a chat becomes a prompt.

    Attributes:
        type: ``"manual"`` or ``"jinja"``.
        stop_strings: Further texts that end an answer.
        manual_prompt_template: The template for ``"manual"``.
        jinja_prompt_template: The template for ``"jinja"``.
    """

    type: Literal["manual", "jinja"]
    stop_strings: Sequence[str]
    manual_prompt_template: LlmManualPromptTemplate | None = None
    jinja_prompt_template: LlmJinjaPromptTemplate | None = None


class KvConfigField(Options):
    """One setting in a server's own names."""

    key: str
    value: Any = None


class KvConfig(Options, nested={"fields": KvConfigField}):
    """Settings in a server's own names, for those that have no option."""

    fields: Sequence[KvConfigField]


class LlmPredictionConfig(
    Options,
    nested={
        "structured": LlmStructuredPredictionSetting,
        "prompt_template": LlmPromptTemplate,
        "reasoning_parsing": LlmReasoningParsing,
        "raw": KvConfig,
    },
):
    """How text is generated.

    Attributes:
        max_tokens: Longest answer in tokens, 1 or more; False (default): no limit.
        temperature: 0 or more, default 0.8; 0 always takes the likeliest token.
        stop_strings: Texts that end the answer, and are left out of it.
        tool_call_stop_strings: Texts that end the answer as a tool call.
        context_overflow_policy: What happens when the context is full.
        structured: The form the answer must have.
        raw_tools: Tools in the server's own form.
        top_k_sampling: Choose among this many likeliest tokens, default 40; 0 or less: off.
        repeat_penalty: Penalty on repeated tokens, above 0, default 1.1; False or 1: off.
        min_p_sampling: Smallest probability relative to the likeliest, 0 to 1, default 0.05.
        top_p_sampling: Choose among the likeliest tokens that together reach this probability,
            0 to 1, default 0.95.
        cpu_threads: Threads to compute with, 1 or more.
        prompt_template: How a chat becomes a prompt.
        draft_model: Key of the model that guesses ahead.
        speculative_decoding_num_draft_tokens_exact: Tokens it guesses, 1 or more.
        speculative_decoding_min_draft_length_to_consider: Shortest guess worth checking.
        speculative_decoding_min_continue_drafting_probability: It stops below this, 0 to 1.
        reasoning_parsing: How thinking is told from the answer.
        raw: Settings in the server's own names.
        presence_penalty: Penalty on tokens that have occurred; False (default): off.
        frequency_penalty: Penalty per occurrence; False (default): off.
        seed: Makes the choice of tokens repeatable; False (default): another one each time.
        log_probs: How many candidates fragments tell at each token, 0 to 100; False (default):
            they tell no tokens.
        logit_bias: Pairs of a token's number and what is added to its logit; ``"-inf"``: never.
        xtc_probability: Chance that the likeliest are left out, 0 to 1; False (default): off.
        xtc_threshold: Least probability of those, 0 to 1, default 0.1.
        locally_typical_sampling: Probability of the tokens that are as surprising as the text,
            0 to 1; False (default): off.
        mirostat_sampling: Sampling by surprise: ``{"version": 2, "learningRate": 0.1,
            "targetEntropy": 5}``.
        system_prompt: What a chat without a system message begins with.
        enable_thinking: Whether the chat template is to let the model think first; by default where
            it is known how the model does that.
        reasoning_budget: Most tokens of thinking, 0 or more; False (default): no limit.
        tool_choice: ``{"type": "generic", "mode": "none"}``, ``"auto"`` or ``"required"``, or
            ``{"type": "function", "function": {"name": …}}``.
        tool_naming: How the server renames tools for the model; LM Studio only.
        user_max_image_dimension_pixels: Longest side of an image, larger ones are made smaller
            first, 1 or more, default 1024; False: any.
        ignore_model_preferred_max_image_dimension: Whether the model's own limit for them counts
            not; LM Studio only.
        speculative_decoding_max_tokens_to_draft: Most tokens guessed at a time, 0 or more; 0: none,
            also from the text itself.
    """

    max_tokens: int | bool | None = None
    temperature: float | None = None
    stop_strings: Sequence[str] | None = None
    tool_call_stop_strings: Sequence[str] | None = None
    context_overflow_policy: Literal["stopAtLimit", "truncateMiddle", "rollingWindow"] | None = None
    structured: LlmStructuredPredictionSetting | None = None
    raw_tools: Mapping[str, Any] | None = None
    top_k_sampling: float | None = None
    repeat_penalty: float | bool | None = None
    min_p_sampling: float | bool | None = None
    top_p_sampling: float | bool | None = None
    cpu_threads: int | None = None
    prompt_template: LlmPromptTemplate | None = None
    draft_model: str | None = None
    speculative_decoding_num_draft_tokens_exact: int | None = None
    speculative_decoding_min_draft_length_to_consider: int | None = None
    speculative_decoding_min_continue_drafting_probability: float | None = None
    reasoning_parsing: LlmReasoningParsing | None = None
    raw: KvConfig | None = None
    presence_penalty: float | bool | None = None
    frequency_penalty: float | bool | None = None
    seed: int | bool | None = None
    log_probs: int | bool | None = None
    logit_bias: Sequence[tuple[int, float | str]] | None = None
    xtc_probability: float | bool | None = None
    xtc_threshold: float | bool | None = None
    locally_typical_sampling: float | bool | None = None
    mirostat_sampling: Mapping[str, Any] | None = None
    system_prompt: str | None = None
    enable_thinking: bool | None = None
    reasoning_budget: int | bool | None = None
    tool_choice: Mapping[str, Any] | None = None
    tool_naming: Literal["passThrough", "removeSpecial", "snakeCase", "camelCase"] | None = None
    user_max_image_dimension_pixels: int | bool | None = None
    ignore_model_preferred_max_image_dimension: bool | None = None
    speculative_decoding_max_tokens_to_draft: int | None = None


class LlmApplyPromptTemplateOpts(Options):
    """What ``LLM.apply_prompt_template()`` leaves out or adds.

    Attributes:
        omit_bos_token: Leave out the token that begins every text.
        omit_eos_token: Leave out the token that ends one.
        tool_definitions: Tools to tell the model of, in the server's own form.
    """

    omit_bos_token: bool | None = None
    omit_eos_token: bool | None = None
    tool_definitions: Sequence[Mapping[str, Any]] | None = None
