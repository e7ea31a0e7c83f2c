"""What a model keeps of a prompt, saved in a file and taken back."""

from __future__ import annotations

from ._configs import LlmPredictionConfig
from ._options import encode, members_of, path_of, warn

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os

    from . import _core
    from ._chat import Chat
    from ._chat_types import ChatHistoryDataDict
    from ._history import ChatHistoryData
    from ._model_session import ModelSession
    from ._types import LlmPredictionConfigDict


class SavedCaches:
    """The methods of a language model that save caches and take them back."""

    _llm: _core.Llm
    _session: ModelSession

    def save_cache(
        self,
        prompt_or_chat: str | Chat | ChatHistoryData | ChatHistoryDataDict,
        path: str | os.PathLike[str],
        *,
        config: LlmPredictionConfig | LlmPredictionConfigDict | None = None,
        timeout: float | None = None,
        idle_timeout: float | None = None,
    ) -> int:
        """Read a prompt or chat and save what the model keeps of it.

        A later process need not read it again: ``load_cache()`` takes the file. The file holds the
        text's tokens, readable by anybody who may read it. Only models in this process can.

        Args:
            prompt_or_chat: The beginning of later prompts, a str as ``complete()`` takes it, or of
                later chats.
            path: The file; one that is there is replaced in one step.
            config: Options, checked as for a prediction; for chats those count that concern
                templates.
            timeout: Seconds it may take; None: any time.
            idle_timeout: Seconds in which nothing comes; None: the default, see
                ``set_sync_api_timeout()``.

        Returns:
            The number of tokens.

        Raises:
            LMStudioClientError: If the model is on a server.
            LMStudioValueError: If the file cannot be written, the prompt is empty or too long, or
                an option is refused.
            LMStudioModelNotFoundError: If the model is not loaded.

        Warns:
            LMStudioUnknownOptionWarning: If an option name is not known.
        """
        from json import loads

        given = self._session._limits(timeout, idle_timeout)
        file = path_of(path, "path")
        options = encode(members_of(config, LlmPredictionConfig), strict=False)
        # A prediction that is never started checks the options, and tells all that is odd of them.
        if isinstance(prompt_or_chat, str):
            warn(self._llm.complete(prompt_or_chat, options).warnings())
            call = self._llm.save_cache(prompt_or_chat, file, *given)
        else:
            from ._chat import json_of

            chat = json_of(prompt_or_chat)
            warn(self._llm.respond(chat, options).warnings())
            call = self._llm.save_chat_cache(chat, options, file, *given)
        count: int = loads(call.wait())["tokensCount"]
        return count

    def load_cache(
        self,
        path: str | os.PathLike[str],
        *,
        timeout: float | None = None,
        idle_timeout: float | None = None,
    ) -> int:
        """Take what ``save_cache()`` saved: the next prompt with that beginning is not read again.

        A file that is missing, damaged, of another model or of other load options is ignored, with
        a warning (logger ``lmstudio``).

        Args:
            path: The file.
            timeout: Seconds it may take; None: any time.
            idle_timeout: Seconds in which nothing comes; None: the default, see
                ``set_sync_api_timeout()``.

        Returns:
            The number of tokens it was of use for; 0 if it was ignored.

        Raises:
            LMStudioClientError: If the model is on a server.
            LMStudioValueError: If path is no path.
            LMStudioModelNotFoundError: If the model is not loaded.
        """
        from json import loads

        given = self._session._limits(timeout, idle_timeout)
        loaded = loads(self._llm.load_cache(path_of(path, "path"), *given).wait())
        if "warning" in loaded:
            from logging import getLogger

            getLogger("lmstudio").warning("%s", loaded["warning"])
        count: int = loaded["tokensCount"]
        return count
