"""What every part of a client has: ``client.llm``, ``client.system`` and the others."""

from __future__ import annotations

from ._errors import LMStudioRuntimeError, LMStudioValueError
from ._options import name_of
from ._struct import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, ClassVar

    from typing_extensions import Self

    from ._client import Client


class Session:
    """A part of a client, named after a namespace of LM Studio's protocol.

    Its connection is made when it is first needed, again after it was lost, and closed with the
    client; so nothing has to be connected or disconnected.
    """

    _namespace: ClassVar[str]
    _owner: Callable[[], Client | None]  # a weak reference: the client goes when its user lets go

    @property
    def client(self) -> Client:
        """The client.

        Raises:
            LMStudioRuntimeError: If nobody holds it any more.
        """
        client = self._owner()
        if client is None:
            raise LMStudioRuntimeError("The session's client is gone; keep it in a variable.")
        return client

    @property
    def connected(self) -> bool:
        """Whether calls can be made: the client is not closed."""
        client = self._owner()
        return client is not None and not client._closed

    def connect(self) -> None:
        """See whether the server answers, as ``with client`` does.

        Raises:
            LMStudioRuntimeError: If the client is closed.
            LMStudioClientError: If the server is not reachable.
            LMStudioServerError: If it does not accept the token.
        """
        self.client._contact()

    def disconnect(self) -> None:
        """Do nothing: the connection is closed with the client."""

    close = disconnect

    def __enter__(self) -> Self:
        """The session itself, once its server has answered. Errors are those of ``connect()``."""
        self.connect()
        return self

    def __exit__(self, *_exception: object) -> None:
        """Leave the connection to the client."""

    def remote_call(
        self,
        endpoint: str,
        params: Struct | Mapping[str, object] | None = None,
        notice_prefix: str = "RPC",
        *,
        timeout: float | None = None,
        idle_timeout: float | None = None,
    ) -> Any:  # noqa: ANN401  # any JSON
        """Call an endpoint of LM Studio's protocol by its name, in this part's namespace.

        Args:
            endpoint: Its name, such as ``"listLoaded"``.
            params: What it is called with, by LM Studio's names.
            notice_prefix: Of no effect.
            timeout: Seconds it may take; None: any time.
            idle_timeout: Seconds in which nothing comes; None: the default, see
                ``set_sync_api_timeout()``.

        Returns:
            The JSON value that it answers; None if it answers nothing.

        Raises:
            LMStudioClientError: If there is no such endpoint.
            LMStudioValueError: If the name is no text, or the parameter does not fit.
            LMStudioTimeoutError: If a timeout passes.
        """
        from collections.abc import Mapping

        name = name_of(endpoint, "endpoint")
        parameter: Mapping[str, object] | None = None
        if isinstance(params, Struct):
            parameter = params.to_dict()
        elif isinstance(params, Mapping):
            parameter = dict(params)
        elif params is not None:
            raise LMStudioValueError(
                f"params must be a dict or a record, not {type(params).__name__}; leave it out for "
                "an endpoint that takes none."
            )
        llm = self.client.llm
        return llm._call(self._namespace, name, parameter, llm._limits(timeout, idle_timeout))
