"""The published ``lmstudio`` package calls a tool in ``act`` against our server."""

from __future__ import annotations

from typing import Any

from peer import Peer

# The model is too small to call tools by itself; it goes on as it sees.
CALL = '[TOOL_REQUEST]{"name": "add", "arguments": {"a": %d, "b": %d}}[END_TOOL_REQUEST]'
TEMPLATE = (
    "{% if messages | length > 1 %}{{ 'Q: What is the sum? A: The sum is' }}"
    "{% else %}"
    + "".join(f"Q: Add {a} and {b}.\nA: {CALL % (a, b)}\n" for a, b in ((5, 6), (2, 2), (7, 1)))
    + "{{ 'Q: ' + messages[-1].content.split('\n')[-1] + '\nA:' }}{% endif %}"
)
CONFIG: dict[str, Any] = {
    "temperature": 0,
    "maxTokens": 48,
    "repeatPenalty": 1.0,
    "toolCallStopStrings": ["[END_TOOL_REQUEST]"],
    "promptTemplate": {
        "type": "jinja",
        "stopStrings": [],
        "jinjaPromptTemplate": {"template": TEMPLATE},
    },
}


def test_act_runs_a_tool(peer: Peer, key: str) -> None:
    told = peer(
        "act", identifier=key, prompt="Add 3 and 4.", config=CONFIG, max_prediction_rounds=2
    )
    assert told["rounds"] == 2
    assert told["calls"] == [[3, 4]]
    request, result, answer = told["messages"]
    call = request["content"][-1]["toolCallRequest"]
    assert call["name"] == "add"
    assert call["arguments"] == {"a": 3, "b": 4}
    assert result["content"][0]["content"] == "7"
    assert result["content"][0]["toolCallId"] == call["id"]
    assert answer["role"] == "assistant"
