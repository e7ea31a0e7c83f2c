"""Complete a text and say how fast it went: `python complete.py "Once upon a time"`."""

import sys

import lmstudio as lm

prompt = sys.argv[1] if len(sys.argv) > 1 else "My name is"

with lm.Client() as client:
    llm = client.llm.model()
    result = llm.complete(
        prompt,
        config={"maxTokens": 64},
        on_progress=lambda progress: print(f"prompt {progress:.0%}", file=sys.stderr),
    )

print(result)
stats = result.stats
print(
    f"{result.model_info.display_name}: {stats.predicted_tokens_count} tokens, "
    f"{stats.tokens_per_second or 0:.1f} tokens/s, ended by {stats.stop_reason}",
    file=sys.stderr,
)
