"""What the published ``lmstudio`` package does with a server; runs in that package's interpreter.

Reads one JSON object a line from standard input, ``{"case": name, "arguments": {…}}``, and writes
one for each: ``{"value": …}``, or ``{"error": {"types": […], "text": …}}`` when the case raised.
"""

import asyncio
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

import lmstudio as lm

sys.path.append(str(Path(__file__).parents[1]))
import chat_operations
import response_forms

HOST = sys.argv[1]
PNG = b"\x89PNG\r\n\x1a\n"


class Case:
    """The cases, by name; all use one client."""

    def __init__(self, client):
        self.client = client

    def llm(self, identifier):
        return lm.LLM(identifier, self.client.llm)

    # Models

    def version(self):
        return version("lmstudio")

    def model(self, key=None, **options):
        progress = []
        if key is not None:
            options["on_load_progress"] = progress.append
        model = self.client.llm.model(key, **options)
        return {"identifier": model.identifier, "progress": progress}

    def load(self, key, identifier=None, **options):
        progress = []
        model = self.client.llm.load_new_instance(
            key, identifier, on_load_progress=progress.append, **options
        )
        return {"identifier": model.identifier, "progress": progress}

    def unload(self, identifier):
        return self.client.llm.unload(identifier)

    def unload_by_handle(self, identifier):
        return self.llm(identifier).unload()

    def loaded(self):
        everything = [model.identifier for model in self.client.list_loaded_models()]
        assert [model.identifier for model in self.client.llm.list_loaded()] == everything
        assert list(self.client.embedding.list_loaded()) == []
        return everything

    def is_loaded(self, identifier):
        return identifier in [model.identifier for model in self.client.llm.list_loaded()]

    def downloaded(self):
        everything = [model.info.to_dict() for model in self.client.list_downloaded_models()]
        assert [model.info.to_dict() for model in self.client.llm.list_downloaded()] == everything
        assert list(self.client.embedding.list_downloaded()) == []
        return everything

    def model_of_a_downloaded_one(self):
        return self.client.list_downloaded_models()[0].model().identifier

    def info(self, identifier):
        return self.llm(identifier).get_info().to_dict()

    def load_config(self, identifier):
        return self.llm(identifier).get_load_config().to_dict()

    def context_length(self, identifier):
        return self.llm(identifier).get_context_length()

    def tokens(self, identifier, text):
        model = self.llm(identifier)
        return {"tokens": list(model.tokenize(text)), "count": model.count_tokens(text)}

    def tokens_of_each(self, identifier, texts):
        return [list(tokens) for tokens in self.llm(identifier).tokenize(texts)]

    # Predictions

    def complete(self, identifier, prompt, **options):
        told = Told()
        result = self.llm(identifier).complete(prompt, **options, **told.callbacks())
        return described(result, told)

    def stream(self, identifier, prompt, cancel_after=None, unload_after=None, **options):
        told = Told()
        stream = self.llm(identifier).complete_stream(prompt, **options, **told.callbacks())
        seen = []
        for fragment in stream:
            seen.append(fragment.content)
            if len(seen) == cancel_after:
                stream.cancel()
            if len(seen) == unload_after:
                self.client.llm.unload(identifier)
        return {**described(stream.result(), told), "seen": seen}

    def leave_early(self, identifier, prompt, **options):
        for _fragment in self.llm(identifier).complete_stream(prompt, **options):
            break
        return self.llm(identifier).complete(prompt, **options).content

    def respond(self, identifier, history, response_class=None, **options):
        told = Told()
        if response_class is not None:
            schema = classmethod(lambda _cls: response_class)
            options["response_format"] = type("Form", (), {"model_json_schema": schema})
        result = self.llm(identifier).respond(history, **options, **told.callbacks())
        return described(result, told)

    def act(self, identifier, prompt, **options):
        """A round in which a tool must be called, and then one in which none can be."""
        calls = []
        messages = []

        def add(a: int, b: int) -> int:
            """Adds two numbers."""
            calls.append([a, b])
            return a + b

        result = self.llm(identifier).act(
            prompt, [add], on_message=lambda message: messages.append(message.to_dict()), **options
        )
        return {"rounds": result.rounds, "calls": calls, "messages": messages}

    def template(self, identifier, history):
        return self.llm(identifier).apply_prompt_template(history)

    def respond_twice(self, identifier, system, questions, **options):
        chat = lm.Chat(system)
        answers = []
        for question in questions:
            chat.add_user_message(question)
            model = self.llm(identifier)
            answers.append(model.respond(chat, on_message=chat.append, **options).content)
        return {"answers": answers, "prompt": model.apply_prompt_template(chat)}

    def apply_prompt_template(self, identifier, history, **options):
        return self.llm(identifier).apply_prompt_template(history, **options)

    def at_once(self, identifier, prompts, **options):
        def complete(prompt):
            return self.llm(identifier).complete(prompt, **options).content

        with ThreadPoolExecutor(len(prompts)) as pool:
            return list(pool.map(complete, prompts))

    def two_clients(self, identifier, prompt, **options):
        def complete(_number):
            with lm.Client(HOST) as client:
                return lm.LLM(identifier, client.llm).complete(prompt, **options).content

        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(complete, range(2)))

    def schemas(self):
        return response_forms.schemas(lm)

    def sent_setting(self, identifier, name, prompt):
        form = response_forms.classes(lm)[name]
        config = {"temperature": 0, "maxTokens": 60}
        result = self.llm(identifier).complete(prompt, response_format=form, config=config)
        setting = result.prediction_config.to_dict()["structured"]
        return {"content": result.content, "setting": json.dumps(setting)}

    # Chats

    def chat(self, operations):
        return chat_operations.run(lm, operations)

    def record(self, cls, data):
        made = getattr(lm, cls).from_dict(data)
        assert getattr(lm, cls)(**{name: getattr(made, name) for name in fields(made)}) == made
        return {"repr": repr(made), "str": str(made), "data": made.to_dict()}

    # The rest

    def embedding_model(self, key):
        return self.client.embedding.model(key).identifier

    def embed(self, identifier, text):
        return list(lm.EmbeddingModel(identifier, self.client.embedding).embed(text))

    def embedding_unload(self, identifier):
        return self.client.embedding.unload(identifier)

    def embed_each(self, identifier, texts):
        model = lm.EmbeddingModel(identifier, self.client.embedding)
        return [list(vector) for vector in model.embed(texts)]

    def embedding_model_of_all_calls(self, key, text):
        model = self.client.embedding.model(key, config={"contextLength": 32})
        (downloaded,) = self.client.embedding.list_downloaded()
        told = {
            "identifier": model.identifier,
            "loaded": [one.identifier for one in self.client.embedding.list_loaded()],
            "info": model.get_info().to_dict(),
            "config": model.get_load_config().to_dict(),
            "context_length": model.get_context_length(),
            "tokens": list(model.tokenize(text)),
            "count": model.count_tokens(text),
            "downloaded": downloaded.info.to_dict(),
        }
        model.unload()
        told["left"] = [one.identifier for one in self.client.embedding.list_loaded()]
        return told

    def embed_asynchronously(self, key, texts):
        async def run():
            async with lm.AsyncClient(self.client.api_host) as client:
                model = await client.embedding.model(key)
                return [list(vector) for vector in await model.embed(texts)]

        return asyncio.run(run())

    def search(self, term):
        return len(self.client.repository.search_models(term))

    def prepare_image(self, name, size):
        image = self.client.prepare_image(PNG + b"\0" * (size - len(PNG)), name)
        return image.to_dict()

    def image_of(self, src):
        return self.client.prepare_image(src).to_dict()

    def look(self, identifier, paths, config):
        chat = lm.Chat()
        images = [self.client.prepare_image(path) for path in paths]
        chat.add_user_message("What is this?", images=images)
        return self.llm(identifier).respond(chat, config=config).content

    def info_of(self, specifier):
        return self.client.llm.get_model_info(specifier).to_dict()

    def as_guest(self, host):
        with lm.Client(host) as client:
            return len(client.list_downloaded_models())

    def with_token(self, host, token):
        with lm.Client(host, api_token=token) as client:
            return len(client.list_downloaded_models())

    # The asynchronous client

    def asynchronous(self, key, prompt, cancel_after, **options):
        async def run():
            async with lm.AsyncClient(HOST) as client:
                model = await client.llm.model(key)
                told = Told()
                result = await model.complete(prompt, **options, **told.callbacks())
                stream = await model.complete_stream(prompt, **options)
                seen = [fragment.content async for fragment in stream]
                cancelled = await model.complete_stream(prompt, config={"temperature": 0})
                count = 0
                async for _fragment in cancelled:
                    count += 1
                    if count == cancel_after:
                        await cancelled.cancel()
                together = await asyncio.gather(*(model.complete(prompt, **options) for _ in "ab"))
                image = await client.prepare_image(PNG, "small.png")
                return {
                    **described(result, told),
                    "identifier": model.identifier,
                    "info": (await model.get_info()).to_dict(),
                    "tokens": list(await model.tokenize(prompt)),
                    "seen": seen,
                    "stopReason": cancelled.result().stats.stop_reason,
                    "together": [each.content for each in together],
                    "downloaded": len(await client.list_downloaded_models()),
                    "imageBytes": image.size_bytes,
                }

        return asyncio.run(run())


def fields(record):
    return record.__struct_fields__


class Told:
    """What the callbacks of a prediction were told, in order."""

    def __init__(self):
        self.events = []
        self.progress = []
        self.fragments = []
        self.messages = []

    def callbacks(self):
        return {
            "on_prompt_processing_progress": lambda share: self.note("progress", share),
            "on_first_token": lambda: self.events.append("first"),
            "on_prediction_fragment": lambda fragment: self.note("fragments", fragment.to_dict()),
            "on_message": lambda message: self.note("messages", message.to_dict()),
        }

    def note(self, kind, value):
        getattr(self, kind).append(value)
        self.events.append(kind)


def described(result, told):
    return {
        "content": result.content,
        "parsed": result.parsed,
        "stats": result.stats.to_dict(),
        "modelInfo": result.model_info.to_dict(),
        "loadConfig": result.load_config.to_dict(),
        "predictionConfig": result.prediction_config.to_dict(),
        **vars(told),
    }


def main():
    with lm.Client(HOST) as client:
        for line in sys.stdin:
            request = json.loads(line)
            try:
                value = getattr(Case(client), request["case"])(**request["arguments"])
                answer = {"value": value}
            except Exception as error:
                types = [each.__name__ for each in type(error).__mro__]
                answer = {"error": {"types": types, "text": str(error)}}
            print(json.dumps(answer), flush=True)


main()
