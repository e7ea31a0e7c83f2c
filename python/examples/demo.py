"""What `make demo` shows: the documents' snippet, the prompt's progress and the metadata."""

import lmstudio as lm

llm = lm.llm()

print(f"{llm.identifier}, streamed:\n")
print("My name is", end="", flush=True)
prediction = llm.complete_stream("My name is", config={"maxTokens": 60})
for token in prediction:
    print(token, end="", flush=True)

print("\n\nThe whole at once, with the prompt's progress:\n")
completion = llm.complete(
    "My name is",
    config={"maxTokens": 60},
    on_progress=lambda progress: print(f"{progress * 100}% complete"),
)
print(f"My name is{completion}\n")

stats, info = completion.stats, completion.model_info
rows = {
    "model": f"{info.model_key} ({info.architecture}, {info.params_string})",
    "context": f"{completion.load_config.context_length} tokens",
    "temperature": completion.prediction_config.temperature,
    "stop reason": stats.stop_reason,
    "prompt": f"{stats.prompt_tokens_count} tokens",
    "predicted": f"{stats.predicted_tokens_count} tokens",
    "time to first token": f"{stats.time_to_first_token_sec:.3f} s",
    "speed": f"{stats.tokens_per_second:.1f} tokens/s",
}
for name, value in rows.items():
    print(f"{name:<20} {value}")
