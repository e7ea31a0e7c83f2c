"""The document's programs, as they stand there (with `=` for the `:` after on_progress)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

pytestmark = pytest.mark.usefixtures("on_each_host")

# A short context ends the text early: the programs themselves set no limit.
PRELUDE = 'import lmstudio\nlmstudio.llm(config={"contextLength": 128})\n'

STREAM_AND_WHOLE = """\
import lmstudio as lm

llm = lm.llm()

# You can either request the response token-by-token,
# which will only return new tokens...
prediction = llm.complete_stream("My name is")
for token in prediction:
    print(token, end="", flush=True)

# ...or request the whole thing at once,
# which will return the completed string.
completion = llm.complete("My name is")
print(completion)
"""

SCOPED_STREAM_AND_WHOLE = """\
import lmstudio

with lmstudio.Client() as client:
    llm = client.llm.model()

    # You can either request the response token-by-token,
    # which will only return new tokens...
    prediction = llm.complete_stream("My name is")
    for token in prediction:
        print(token, end="", flush=True)

    # ...or request the whole thing at once,
    # which will return the completed string.
    completion = llm.complete("My name is")
    print(completion)
"""

PROGRESS = """\
import lmstudio as lm

llm = lm.llm()

completion = llm.complete(
    "My name is",
    on_progress=lambda progress: print(f"{progress*100}% complete")
)
"""

SCOPED_PROGRESS = """\
import lmstudio

with lmstudio.Client() as client:
    llm = client.llm.model()

    completion = llm.complete(
        "My name is",
        on_progress=lambda progress: print(f"{progress*100}% processed")
    )
"""


@pytest.mark.parametrize("program", [STREAM_AND_WHOLE, SCOPED_STREAM_AND_WHOLE])
def test_streams_and_completes(run: Callable[..., str], program: str) -> None:
    marks = 'print("<stream>")\n', 'print("</stream>")\n'
    for indent in ("", "    "):
        comment = f"{indent}# ...or request"
        marked = program.replace(f"\n{comment}", f"\n{indent}{marks[1]}{comment}")
        if marked != program:
            break
    marked = marked.replace("for token", f"{marks[0]}{indent}for token")
    output = run(PRELUDE + marked)
    streamed, whole = output.split("<stream>\n")[1].split("</stream>\n")
    assert streamed.strip()
    assert whole.strip()


@pytest.mark.parametrize("program", [STREAM_AND_WHOLE, SCOPED_STREAM_AND_WHOLE])
def test_prints_text_and_nothing_else(run: Callable[..., str], program: str) -> None:
    output = run(PRELUDE + program)
    assert output.strip()
    assert "Llm" not in output
    assert "object at 0x" not in output


@pytest.mark.parametrize(
    ("program", "word"), [(PROGRESS, "complete"), (SCOPED_PROGRESS, "processed")]
)
def test_reports_progress(run: Callable[..., str], program: str, word: str) -> None:
    lines = run(PRELUDE + program).splitlines()
    assert lines[0] == f"0.0% {word}"
    assert lines[-1] == f"100.0% {word}"
    assert all(line.endswith(f"% {word}") for line in lines)


def test_metadata_is_dot_accessible(run: Callable[..., str]) -> None:
    output = run(
        PRELUDE
        + 'completion = lmstudio.llm().complete("My name is", config={"maxTokens": 8})\n'
        + "print(completion.model_info.model_key)\n"
        + "print(completion.load_config.context_length)\n"
        + "print(completion.prediction_config.max_tokens)\n"
        + "print(completion.stats.stop_reason, completion.stats.predicted_tokens_count)\n"
        + "print(completion.stats.time_to_first_token_sec > 0)\n"
        + "print(completion.stats.tokens_per_second > 0)\n"
    )
    assert output.splitlines() == [
        "smollm2-135m-instruct",
        "128",
        "8",
        "maxPredictedTokensReached 8",
        "True",
        "True",
    ]
