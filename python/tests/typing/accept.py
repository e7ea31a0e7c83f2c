"""Programs that type checkers must accept."""

from __future__ import annotations

import lmstudio as lm

llm: lm.LLM = lm.llm("key", ttl=None, config={"contextLength": 4096}, strict=True)
llm = lm.llm(config=lm.LlmLoadModelConfig(context_length=4096), on_load_progress=print)

with lm.Client("local:") as client:
    llm = client.llm.model()
    llm = client.llm.load_new_instance("key", "name")
    for downloaded in client.llm.list_downloaded():
        llm = downloaded.model()
    for loaded in client.list_loaded_models():
        loaded.unload()

stream: lm.PredictionStream = llm.complete_stream(
    "prompt",
    config=lm.LlmPredictionConfig(max_tokens=False, seed=1),
    on_message=lambda message: message.content[0].to_dict(),
    on_first_token=lambda: None,
    on_prediction_fragment=lambda fragment: fragment.content,
    on_prompt_processing_progress=lambda share: share + 1.0,
)
with stream:
    text = "".join(fragment.content for fragment in stream)

result: lm.PredictionResult = llm.complete("prompt", config={"maxTokens": 5}, on_progress=print)
speed: float | None = result.stats.tokens_per_second
key: str = result.model_info.model_key
length: int | None = result.load_config.context_length
one: list[int] = llm.tokenize("text")
several: list[list[int]] = llm.tokenize(["text", "text"])
found: str | None = lm.Client.find_default_local_api_host()
count: int = llm.count_tokens("text", timeout=5, idle_timeout=0.5)
lm.set_sync_api_timeout(None)
callback: lm.PromptProcessingCallback = print

chat: lm.Chat = lm.Chat("You answer in one word.")
message: lm.UserMessage = chat.add_user_message(["What is this?", lm.TextData(text="Well?")])
chat.append(lm.AssistantResponse(content=[lm.TextData(text="Nothing.")]))
chat.add_assistant_response(result)
chat.add_entry("user", "And that?")
chat = lm.Chat.from_history(chat.copy())
part: lm.AssistantResponseContent = lm.TextData(text="text")
spoken: list[lm.AnyChatMessage] = [message]

stream = llm.respond_stream(chat, on_message=chat.append, on_prediction_fragment=print)
result = llm.respond("What is this?", config={"maxTokens": 5}, timeout=5)
thoughts: str = llm.respond(lm.ChatHistoryData(messages=spoken)).reasoning_content
text = llm.apply_prompt_template(chat, {"omitBosToken": True})
image: lm.FileHandle = lm.prepare_image("image.png")
image = client.files.prepare_image(b"bytes", "image.png")
chat.add_user_message("What is this?", images=[image])
info: lm.LlmInstanceInfo = client.llm.get_model_info(lm.ModelQuery(identifier="key"))


class Person(lm.BaseModel):
    """What an answer is to be."""

    name: str
    age: int = 5


person: Person = llm.complete("prompt", response_format=Person).parsed_as(Person)
person = Person(name="Ann")
