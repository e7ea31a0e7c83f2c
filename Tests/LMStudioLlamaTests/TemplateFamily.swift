import Testing

/// How well-known models want a chat written, and what becomes of ``PromptTemplateTests/chat``.
struct TemplateFamily: Sendable, CustomTestStringConvertible {
    var name: String
    var template: String
    var prompt: String

    var testDescription: String { name }

    static let all = [
        chatML, llama2, llama3, mistral, gemma, phi3, zephyr, vicuna, deepSeek, granite, commandR,
        qwen3,
    ]

    static let chatML = TemplateFamily(
        name: "ChatML",
        template: """
            {% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + \
            message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}{% if add_generation_prompt %}\
            {{ '<|im_start|>assistant\\n' }}{% endif %}
            """,
        prompt: """
            <|im_start|>system
            Be brief.<|im_end|>
            <|im_start|>user
            Hi<|im_end|>
            <|im_start|>assistant
            Hello!<|im_end|>
            <|im_start|>user
             Who are you? <|im_end|>
            <|im_start|>assistant

            """
    )

    static let llama2 = TemplateFamily(
        name: "Llama 2",
        template: """
            {%- if messages[0]['role'] == 'system' -%}
                {%- set rest = messages[1:] -%}
                {%- set system = messages[0]['content'] -%}
            {%- else -%}
                {%- set rest = messages -%}
                {%- set system = false -%}
            {%- endif -%}
            {%- for message in rest -%}
                {%- if loop.index0 == 0 and system -%}
                    {%- set content = '<<SYS>>\\n' + system + '\\n<</SYS>>\\n\\n' + message['content'] -%}
                {%- else -%}
                    {%- set content = message['content'] -%}
                {%- endif -%}
                {%- if message['role'] == 'user' -%}
                    {{- bos_token + '[INST] ' + content.strip() + ' [/INST]' -}}
                {%- elif message['role'] == 'assistant' -%}
                    {{- ' ' + content.strip() + ' ' + eos_token -}}
                {%- endif -%}
            {%- endfor -%}
            """,
        prompt: "<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHi [/INST] Hello! </s>"
            + "<s>[INST] Who are you? [/INST]"
    )

    static let llama3 = TemplateFamily(
        name: "Llama 3",
        template: """
            {% set loop_messages = messages %}{% for message in loop_messages %}\
            {% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + \
            message['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}\
            {% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}\
            {{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
            """,
        prompt: "<s><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>"
            + "<|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>"
            + "<|start_header_id|>assistant<|end_header_id|>\n\nHello!<|eot_id|>"
            + "<|start_header_id|>user<|end_header_id|>\n\nWho are you?<|eot_id|>"
            + "<|start_header_id|>assistant<|end_header_id|>\n\n"
    )

    /// It takes no system message: its text goes before the first question.
    static let mistral = TemplateFamily(
        name: "Mistral 7B",
        template: """
            {{ bos_token }}{% for message in messages %}\
            {% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}\
            {{ raise_exception('roles must alternate') }}{% endif %}\
            {% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + ' [/INST]' }}\
            {% elif message['role'] == 'assistant' %}{{ message['content'] + eos_token}}\
            {% else %}{{ raise_exception('no such role') }}{% endif %}{% endfor %}
            """,
        prompt: "<s>[INST] Be brief.\nHi [/INST]Hello!</s>[INST]  Who are you?  [/INST]"
    )

    static let gemma = TemplateFamily(
        name: "Gemma 3",
        template: """
            {{ bos_token }}
            {%- if messages[0]['role'] == 'system' -%}
                {%- set first_user_prefix = messages[0]['content'] + '\\n\\n' -%}
                {%- set loop_messages = messages[1:] -%}
            {%- else -%}
                {%- set first_user_prefix = '' -%}
                {%- set loop_messages = messages -%}
            {%- endif -%}
            {%- for message in loop_messages -%}
                {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) -%}
                    {{ raise_exception("Conversation roles must alternate") }}
                {%- endif -%}
                {%- set role = 'model' if message['role'] == 'assistant' else message['role'] -%}
                {{ '<start_of_turn>' + role + '\\n' + (first_user_prefix if loop.first else '') }}
                {{- message['content'] | trim }}{{ '<end_of_turn>\\n' }}
            {%- endfor -%}
            {%- if add_generation_prompt -%}{{ '<start_of_turn>model\\n' }}{%- endif -%}
            """,
        prompt: "<s><start_of_turn>user\nBe brief.\n\nHi<end_of_turn>\n"
            + "<start_of_turn>model\nHello!<end_of_turn>\n"
            + "<start_of_turn>user\nWho are you?<end_of_turn>\n<start_of_turn>model\n"
    )

    static let phi3 = TemplateFamily(
        name: "Phi 3.5",
        template: """
            {% for message in messages %}{% if message['role'] == 'system' and message['content'] %}\
            {{'<|system|>\\n' + message['content'] + '<|end|>\\n'}}{% elif message['role'] == 'user' %}\
            {{'<|user|>\\n' + message['content'] + '<|end|>\\n'}}\
            {% elif message['role'] == 'assistant' %}{{'<|assistant|>\\n' + message['content'] + \
            '<|end|>\\n'}}{% endif %}{% endfor %}{% if add_generation_prompt %}\
            {{ '<|assistant|>\\n' }}{% else %}{{ eos_token }}{% endif %}
            """,
        prompt: "<|system|>\nBe brief.<|end|>\n<|user|>\nHi<|end|>\n<|assistant|>\nHello!<|end|>\n"
            + "<|user|>\n Who are you? <|end|>\n<|assistant|>\n"
    )

    /// Lines that hold nothing but a tag leave nothing behind.
    static let zephyr = TemplateFamily(
        name: "Zephyr",
        template: """
            {% for message in messages %}
            {% if message['role'] == 'user' %}
            {{ '<|user|>\\n' + message['content'] + eos_token }}
            {% elif message['role'] == 'system' %}
            {{ '<|system|>\\n' + message['content'] + eos_token }}
            {% elif message['role'] == 'assistant' %}
            {{ '<|assistant|>\\n' + message['content'] + eos_token }}
            {% endif %}
            {% if loop.last and add_generation_prompt %}
            {{ '<|assistant|>' }}
            {% endif %}
            {% endfor %}
            """,
        prompt: "<|system|>\nBe brief.</s>\n<|user|>\nHi</s>\n<|assistant|>\nHello!</s>\n"
            + "<|user|>\n Who are you? </s>\n<|assistant|>\n"
    )

    static let vicuna = TemplateFamily(
        name: "Vicuna",
        template: """
            {%- for message in messages %}
                {%- if message.role == 'system' -%}
                    {{- message.content + '\\n\\n' -}}
                {%- elif message.role == 'user' -%}
                    {{- 'USER: ' + message.content + '\\n' -}}
                {%- else -%}
                    {{- 'ASSISTANT: ' + message.content + '</s>\\n' -}}
                {%- endif -%}
            {%- endfor -%}
            {%- if add_generation_prompt -%}{{- 'ASSISTANT:' -}}{%- endif -%}
            """,
        prompt: "Be brief.\n\nUSER: Hi\nASSISTANT: Hello!</s>\nUSER:  Who are you? \nASSISTANT:"
    )

    /// It takes the thinking out of earlier answers, and begins it for the next one.
    static let deepSeek = TemplateFamily(
        name: "DeepSeek R1",
        template: """
            {%- set ns = namespace(system='') -%}
            {%- for message in messages -%}
                {%- if message['role'] == 'system' -%}{%- set ns.system = message['content'] -%}{%- endif -%}
            {%- endfor -%}
            {{- bos_token + ns.system -}}
            {%- for message in messages -%}
                {%- if message['role'] == 'user' -%}
                    {{- '<｜User｜>' + message['content'] -}}
                {%- elif message['role'] == 'assistant' and message['content'] is not none -%}
                    {%- set content = message['content'] -%}
                    {%- if '</think>' in content -%}{%- set content = content.split('</think>')[-1] -%}{%- endif -%}
                    {{- '<｜Assistant｜>' + content + '<｜end▁of▁sentence｜>' -}}
                {%- endif -%}
            {%- endfor -%}
            {%- if add_generation_prompt -%}{{- '<｜Assistant｜><think>\\n' -}}{%- endif -%}
            """,
        prompt: "<s>Be brief.<｜User｜>Hi<｜Assistant｜>Hello!<｜end▁of▁sentence｜>"
            + "<｜User｜> Who are you? <｜Assistant｜><think>\n"
    )

    static let granite = TemplateFamily(
        name: "Granite 3",
        template: """
            {%- macro turn(role, text) -%}
            {{ '<|start_of_role|>' + role + '<|end_of_role|>' + text }}
            {%- endmacro -%}
            {%- if messages[0]['role'] != 'system' -%}
            {{ turn('system', 'You are Granite.') + '<|end_of_text|>\\n' }}
            {%- endif -%}
            {%- for message in messages -%}
            {{ turn(message['role'], message['content']) + '<|end_of_text|>\\n' }}
            {%- if loop.last and add_generation_prompt -%}{{ turn('assistant', '') }}{%- endif -%}
            {%- endfor -%}
            """,
        prompt: "<|start_of_role|>system<|end_of_role|>Be brief.<|end_of_text|>\n"
            + "<|start_of_role|>user<|end_of_role|>Hi<|end_of_text|>\n"
            + "<|start_of_role|>assistant<|end_of_role|>Hello!<|end_of_text|>\n"
            + "<|start_of_role|>user<|end_of_role|> Who are you? <|end_of_text|>\n"
            + "<|start_of_role|>assistant<|end_of_role|>"
    )

    static let commandR = TemplateFamily(
        name: "Command R",
        template: """
            {{ bos_token }}
            {%- for message in messages %}
            {%- set names = {'system': 'SYSTEM', 'user': 'USER', 'assistant': 'CHATBOT'} %}
            {{- '<|START_OF_TURN_TOKEN|><|' ~ names[message.role] ~ '_TOKEN|>' ~ (message.content | trim) \
            ~ '<|END_OF_TURN_TOKEN|>' }}
            {%- endfor %}
            {%- if add_generation_prompt %}
            {{- '<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>' }}
            {%- endif %}
            """,
        prompt: "<s><|START_OF_TURN_TOKEN|><|SYSTEM_TOKEN|>Be brief.<|END_OF_TURN_TOKEN|>"
            + "<|START_OF_TURN_TOKEN|><|USER_TOKEN|>Hi<|END_OF_TURN_TOKEN|>"
            + "<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>Hello!<|END_OF_TURN_TOKEN|>"
            + "<|START_OF_TURN_TOKEN|><|USER_TOKEN|>Who are you?<|END_OF_TURN_TOKEN|>"
            + "<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>"
    )

    /// It looks from the end for the last question, and switches the thinking off by writing it.
    static let qwen3 = TemplateFamily(
        name: "Qwen 3",
        template: """
            {%- set ns = namespace(last=messages|length - 1, found=false) %}
            {%- for message in messages[::-1] %}
                {%- set index = (messages|length - 1) - loop.index0 %}
                {%- if not ns.found and message.role == 'user' %}
                    {%- set ns.last = index %}
                    {%- set ns.found = true %}
                {%- endif %}
            {%- endfor %}
            {%- for message in messages %}
                {{- '<|im_start|>' + message.role + '\\n' }}
                {%- if message.role == 'assistant' and loop.index0 < ns.last %}
                    {{- message.content.split('</think>')[-1].lstrip('\\n') }}
                {%- else %}
                    {{- message.content }}
                {%- endif %}
                {{- '<|im_end|>\\n' }}
            {%- endfor %}
            {%- if add_generation_prompt %}
                {{- '<|im_start|>assistant\\n' }}
                {%- if enable_thinking is defined and enable_thinking is false %}
                    {{- '<think>\\n\\n</think>\\n\\n' }}
                {%- endif %}
            {%- endif %}
            """,
        prompt: "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n"
            + "<|im_start|>assistant\nHello!<|im_end|>\n<|im_start|>user\n Who are you? <|im_end|>\n"
            + "<|im_start|>assistant\n"
    )
}
