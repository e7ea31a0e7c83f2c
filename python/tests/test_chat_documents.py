"""The chat programs of LM Studio's documents for Python, with short answers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

pytestmark = pytest.mark.usefixtures("on_each_host")

# The programs set no limits; a short context and the first token's likelihood do.
PRELUDE = """\
import functools
import lmstudio
for name in ("respond", "respond_stream"):
    method = getattr(lmstudio.LLM, name)
    options = {"temperature": 0, "maxTokens": 12}
    setattr(lmstudio.LLM, name, functools.partialmethod(method, config=options))
"""

WHOLE = """\
import lmstudio as lms
model = lms.llm()
print(model.respond("What is the meaning of life?"))
"""

STREAM = """\
import lmstudio as lms
model = lms.llm()

for fragment in model.respond_stream("What is the meaning of life?"):
    print(fragment.content, end="", flush=True)
print() # Advance to a new line at the end of the response
"""

CHAT = """\
import lmstudio as lms
model = lms.llm()
chat = lms.Chat("You are a resident AI philosopher.")
chat.add_user_message("What is the meaning of life?")
result = model.respond(chat)
print(result)
"""

SCOPED = """\
import lmstudio as lms

with lms.Client() as client:
    model = client.llm.model()
    chat = lms.Chat("You are a resident AI philosopher.")
    chat.add_user_message("What is the meaning of life?")
    for fragment in model.respond_stream(chat):
        print(fragment.content, end="", flush=True)
    print()
"""

FROM_HISTORY = """\
import lmstudio as lms
chat = lms.Chat.from_history({"messages": [
  { "role": "system", "content": "You are a resident AI philosopher." },
  { "role": "user", "content": "What is the meaning of life?" },
]})
print(lms.llm().respond(chat))
"""

STATISTICS = """\
import lmstudio as lms
result = lms.llm().respond("What is the meaning of life?")
print("Model used:", result.model_info.display_name)
print("Predicted tokens:", result.stats.predicted_tokens_count)
print("Time to first token (seconds):", result.stats.time_to_first_token_sec)
print("Stop reason:", result.stats.stop_reason)
"""

TURNS = """\
import lmstudio as lms

model = lms.llm()
chat = lms.Chat("You are a task focused AI assistant")

while True:
    try:
        user_input = input("You (leave blank to exit): ")
    except EOFError:
        print()
        break
    if not user_input:
        break
    chat.add_user_message(user_input)
    prediction_stream = model.respond_stream(
        chat,
        on_message=chat.append,
    )
    print("Bot: ", end="", flush=True)
    for fragment in prediction_stream:
        print(fragment.content, end="", flush=True)
    print()
"""

FITS = """\
import lmstudio as lms

def does_chat_fit_in_context(model: lms.LLM, chat: lms.Chat) -> bool:
    # Convert the conversation to a string using the prompt template.
    formatted = model.apply_prompt_template(chat)
    # Count the number of tokens in the string.
    token_count = len(model.tokenize(formatted))
    # Get the current loaded context length of the model
    context_length = model.get_context_length()
    return token_count < context_length

model = lms.llm()

chat = lms.Chat.from_history({
    "messages": [
        { "role": "user", "content": "What is the meaning of life." },
        { "role": "assistant", "content": "The meaning of life is..." },
        # ... More messages
    ]
})

print("Fits in context:", does_chat_fit_in_context(model, chat))
"""


def test_a_question_is_answered(run: Callable[..., str]) -> None:
    whole = run(PRELUDE + WHOLE)
    assert whole.strip()
    assert run(PRELUDE + STREAM) == whole


def test_a_chat_is_answered(run: Callable[..., str]) -> None:
    whole = run(PRELUDE + CHAT)
    assert whole.strip()
    assert run(PRELUDE + SCOPED) == run(PRELUDE + FROM_HISTORY) == whole


def test_an_answer_has_statistics(run: Callable[..., str]) -> None:
    lines = run(PRELUDE + STATISTICS).splitlines()
    assert lines[0].startswith("Model used: ")
    assert lines[1] == "Predicted tokens: 12"
    assert lines[3] == "Stop reason: maxPredictedTokensReached"


def test_a_conversation_has_turns(run: Callable[..., str]) -> None:
    typed = "import io, sys\nsys.stdin = io.StringIO('Hello\\nAnd you?\\n')\n"
    output = run(PRELUDE + typed + TURNS + "print(chat)\n")
    conversation, _, chat = output.partition("Chat.from_history(")
    assert conversation.count("Bot: ") == 2
    assert chat.count('"role": "assistant"') == chat.count('"role": "user"') == 2


def test_a_chat_fits_into_the_context(run: Callable[..., str]) -> None:
    assert run(FITS) == "Fits in context: True\n"
