"""What the engine does with several predictions, chats, schemas and embeddings, as JSON.

usage: engine_client.py MODEL streams COUNT TOKENS   tokens per second of all, without guesses
       engine_client.py MODEL turns                  times to first token of a chat's two turns, s
       engine_client.py MODEL gap                    longest wait beside a long prompt, s
       engine_client.py MODEL schema                 tokens per second, free and held to a schema
       engine_client.py MODEL copy                   tokens per second, with guesses and without
       engine_client.py MODEL free                   the same for a text that repeats nothing
       engine_client.py MODEL save FILE              time to first token of a prompt it saves, s
       engine_client.py MODEL load FILE              the same in a new process with the file, s
       engine_client.py MODEL memory                 KB of a waiting prediction
       engine_client.py MODEL embed COUNT            texts per second, one by one and at once:
                                                     words of 3 tokens, and texts of 6
"""
# ruff: noqa: T201 - printing is what a command is for

from __future__ import annotations

import json
import statistics
import sys
import threading
import time
from itertools import pairwise
from pathlib import Path

import lmstudio as lms

MODEL, MODE = sys.argv[1:3]
GREEDY = {"temperature": 0, "repeatPenalty": False}
SENTENCE = "The river runs past the old mill, and the boats lie still in the evening light. "
WORDS = ["cup", "plate", "fork", "spoon", "glass", "bowl", "jug", "pan", "pot", "lid", "knife"]
SCHEMA = {
    "type": "object",
    "properties": {
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "count": {"type": "integer"},
                },
                "required": ["name", "count"],
            },
            "minItems": 40,
        }
    },
    "required": ["items"],
}


def streams(llm: lms.LLM, count: int, tokens: int) -> dict[str, float]:
    """The best of three rounds of predictions at once.

    One that runs alone would guess ahead; what is measured is what sharing the decodes gives.
    """
    best = 0.0
    config = GREEDY | {"maxTokens": tokens, "speculativeDecodingMaxTokensToDraft": 0}
    for _ in range(3):
        predicted = [0] * count

        def one(index: int, counts: list[int] = predicted) -> None:
            prompt = f"Story number {index}: Once upon a time"
            result = llm.complete(prompt, config=config)
            counts[index] = result.stats.predicted_tokens_count or 0

        threads = [threading.Thread(target=one, args=(index,)) for index in range(count)]
        start = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        best = max(best, sum(predicted) / (time.perf_counter() - start))
    return {"tokens_per_s": best}


def turns(llm: lms.LLM) -> dict[str, float]:
    """A chat of about 2,000 tokens, and its second turn."""
    chat = lms.Chat("You are brief.")
    chat.add_user_message(f"{time.time_ns()} " + SENTENCE * 105 + "What lies still?")
    config = GREEDY | {"maxTokens": 16}
    first = llm.respond(chat, config=config)
    chat.add_assistant_response(first)
    chat.add_user_message("And what runs?")
    second = llm.respond(chat, config=config)
    return {
        "prompt_tokens": float(first.stats.prompt_tokens_count or 0),
        "first_s": first.stats.time_to_first_token_sec or 0.0,
        "second_s": second.stats.time_to_first_token_sec or 0.0,
    }


def gap(llm: lms.LLM) -> dict[str, float]:
    """The longest time between two fragments, alone and while 2,000 tokens of a prompt come in."""
    prompt = f"{time.time_ns()} " + SENTENCE * 110
    whole = llm.complete(prompt, config=GREEDY | {"maxTokens": 1}).stats
    count = whole.prompt_tokens_count or 1
    batch = (whole.time_to_first_token_sec or 0.0) * 512 / count
    times: list[float] = []
    other = threading.Thread(
        target=lambda: llm.complete(
            f"{time.time_ns()} " + SENTENCE * 110, config=GREEDY | {"maxTokens": 1}
        )
    )
    for index, _ in enumerate(llm.complete_stream("1 2 3 4", config=GREEDY | {"maxTokens": 200})):
        times.append(time.perf_counter())
        if index == 10:
            other.start()
    other.join()
    return {
        "micro_batch_s": batch,
        "gap_s": max(b - a for a, b in pairwise(times)),
    }


def schema(llm: lms.LLM) -> dict[str, float]:
    """Rates of the same number of tokens."""
    config = GREEDY | {"maxTokens": 128}
    rates: dict[str, list[float]] = {"free": [], "held": []}
    for _ in range(3):
        for key, given in (("free", None), ("held", SCHEMA)):
            result = llm.complete(
                "A list of fruits as JSON:\n", response_format=given, config=config
            )
            rates[key].append(result.stats.tokens_per_second or 0.0)
    return {key: statistics.median(values) for key, values in rates.items()}


def guesses(llm: lms.LLM, prompt: str, tokens: int) -> dict[str, float]:
    """Rates with and without guesses, in turns."""
    config = GREEDY | {"maxTokens": tokens}
    rates: dict[str, list[float]] = {"guessed": [], "plain": []}
    for _ in range(3):
        for key, most in (("guessed", 16), ("plain", 0)):
            given = config | {"speculativeDecodingMaxTokensToDraft": most}
            stats = llm.complete(prompt, config=given).stats
            rates[key].append(stats.tokens_per_second or 0.0)
    return {key: statistics.median(values) for key, values in rates.items()}


def copy(llm: lms.LLM) -> dict[str, float]:
    """A text that is begun a second time."""
    lines = "".join(f"Line {n}: the {word} is on the table.\n" for n, word in enumerate(WORDS))
    return guesses(llm, f"{lines}\nThe same again:\n\n{lines[:120]}", 192)


def free(llm: lms.LLM) -> dict[str, float]:
    """A text of its own."""
    return guesses(llm, "A letter to a friend about the sea.\n\nDear Anna,", 192)


def save(llm: lms.LLM, path: str) -> dict[str, float]:
    """A prompt of about 2,000 tokens, read and saved."""
    first = llm.complete(SENTENCE * 110, config=GREEDY | {"maxTokens": 1}).stats
    llm.save_cache(SENTENCE * 110, path)
    return {"first_s": first.time_to_first_token_sec or 0.0}


def load(llm: lms.LLM, path: str) -> dict[str, float]:
    """The same prompt, of which the file knows all."""
    start = time.perf_counter()
    llm.load_cache(path)
    stream = llm.complete_stream(SENTENCE * 110, config=GREEDY | {"maxTokens": 1})
    next(iter(stream))
    return {"first_s": time.perf_counter() - start}


def resident_kb() -> int:
    """Memory of this process."""
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * 4


def memory(llm: lms.LLM) -> dict[str, float]:
    """Growth by a prediction that waits behind others, without what Python keeps of it."""
    blocked = [llm.complete_stream(f"{n} 1 2 3", config=GREEDY) for n in range(4)]
    for stream in blocked:
        stream.start()
        next(iter(stream))
    waiting = [llm.complete_stream("1 2 3", config=GREEDY) for _ in range(1000)]
    before = resident_kb()
    for stream in waiting:
        stream.start()
    after = resident_kb()
    for stream in (*waiting, *blocked):
        stream.cancel()
    return {"kb": (after - before) / len(waiting)}


def embed(model: lms.EmbeddingModel, count: int) -> dict[str, float]:
    """Words and short texts, the best of three rounds each."""
    words = [WORDS[index % len(WORDS)] for index in range(count)]
    report = {}
    for name, texts in (
        ("word", words),
        ("text", [f"{word} number {index}" for index, word in enumerate(words)]),
    ):
        model.embed(texts[:2])
        alone, together = 0.0, 0.0
        for _ in range(3):
            start = time.perf_counter()
            for text in texts:
                model.embed(text)
            alone = max(alone, count / (time.perf_counter() - start))
            start = time.perf_counter()
            model.embed(texts)
            together = max(together, count / (time.perf_counter() - start))
        report |= {f"{name}_alone_per_s": alone, f"{name}_together_per_s": together}
    return report


def main() -> None:
    """Prints the report of one mode."""
    numbers = [int(part) for part in sys.argv[3:] if part.isdigit()]
    files = [part for part in sys.argv[3:] if not part.isdigit()]
    with lms.Client("local:") as client:
        if MODE == "embed":
            report = embed(client.embedding.model(MODEL), *numbers)
        else:
            config = {
                "contextLength": 4096,
                "maxParallelPredictions": max([4, *numbers[:1]]),
            }
            llm = client.llm.model(MODEL, config=config)
            report = {
                "streams": streams,
                "turns": turns,
                "gap": gap,
                "schema": schema,
                "copy": copy,
                "free": free,
                "save": save,
                "load": load,
                "memory": memory,
            }[MODE](llm, *numbers, *files)
    print(json.dumps(report))


main()
