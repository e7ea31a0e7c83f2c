"""Programs that type checkers must refuse, line by line."""

from __future__ import annotations

import lmstudio as lm

llm = lm.llm()
llm.complete(5)  # error: arg-type
llm.complete_stream("prompt", preset=5)  # error: arg-type
llm.complete("prompt", config={"maxTokenz": 5})  # error: arg-type
llm.complete("prompt", config=lm.LlmLoadModelConfig())  # error: arg-type
llm.complete("prompt", on_progress=len)  # error: arg-type
lm.LlmPredictionConfig(temprature=0.5)  # error: call-arg
lm.LlmInfo()  # error: call-arg
lm.llm(model_key="key")  # error: call-arg
llm.complete("prompt", timeout="5")  # error: arg-type
lm.set_sync_api_timeout("5")  # error: arg-type
text: str = llm.complete("prompt")  # error: assignment
count: str = llm.count_tokens("text")  # error: assignment
lm.Chat(5)  # error: arg-type
lm.Chat().add_user_message(5)  # error: arg-type
lm.Chat().add_entry(5, "text")  # error: arg-type
lm.FileHandle(name="image.png")  # error: call-arg
llm.respond(5)  # error: arg-type
llm.apply_prompt_template("text", {"omitBos": True})  # error: arg-type
lm.prepare_image(5)  # error: arg-type
llm.complete("prompt").parsed_as(5)  # error: arg-type
