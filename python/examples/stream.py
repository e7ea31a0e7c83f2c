"""Stream a text as it is generated; Ctrl-C stops it: `python stream.py "Once upon a time"`."""

import sys

import lmstudio as lm

prompt = sys.argv[1] if len(sys.argv) > 1 else "My name is"
stream = lm.llm().complete_stream(prompt, config={"maxTokens": 256})

print(prompt, end="")
try:
    for fragment in stream:
        print(fragment, end="", flush=True)
except KeyboardInterrupt:
    print(" [stopped]")
else:
    print(f" [{stream.result().stats.stop_reason}]")
