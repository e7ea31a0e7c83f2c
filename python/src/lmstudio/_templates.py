"""What a chat becomes before a model reads it."""

from __future__ import annotations

from ._configs import LlmApplyPromptTemplateOpts
from ._errors import LMStudioValueError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._chat import Chat
    from ._chat_types import ChatHistoryDataDict
    from ._history import ChatHistoryData
    from ._model_session import ModelSession
    from ._types import LlmApplyPromptTemplateOptsDict


class PromptTemplates:
    """The part of an LLM that applies its template."""

    _session: ModelSession

    if TYPE_CHECKING:

        @property
        def _specifier(self) -> dict[str, object]: ...

    def apply_prompt_template(
        self,
        history: Chat | ChatHistoryData | ChatHistoryDataDict | str,
        opts: LlmApplyPromptTemplateOpts | LlmApplyPromptTemplateOptsDict = {},  # noqa: B006
        *,
        timeout: float | None = None,
        idle_timeout: float | None = None,
    ) -> str:
        """The text that a chat becomes before the model answers it.

        Args:
            history: The chat, as for ``respond_stream()``.
            opts: What to leave out or add, see LlmApplyPromptTemplateOpts.
            timeout: Seconds it may take; None: any time.
            idle_timeout: Seconds in which nothing comes; None: the default, see
                ``set_sync_api_timeout()``.

        Raises:
            LMStudioValueError: If the history is no chat, opts are no options, or the template
                does not take them.
            LMStudioModelNotFoundError: If the model is not loaded.
            LMStudioTimeoutError: If a timeout passes.

        Warns:
            LMStudioUnknownOptionWarning: If the name of an option is not known.
        """
        from json import loads

        from ._chat import json_of

        if isinstance(opts, dict):
            opts = LlmApplyPromptTemplateOpts.from_dict(opts)
        if not isinstance(opts, LlmApplyPromptTemplateOpts):
            raise LMStudioValueError(f"opts must be a dict, not {type(opts).__name__}.")
        parameter = {
            "specifier": self._specifier,
            "history": loads(json_of(history)),
            "predictionConfigStack": {"layers": []},
            "opts": opts.to_dict(),
        }
        given = self._session._limits(timeout, idle_timeout)
        formatted: str = self._session._call("llm", "applyPromptTemplate", parameter, given)[
            "formatted"
        ]
        return formatted
