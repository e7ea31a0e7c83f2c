import LMStudio
import Testing

/// How well-known models write calls of tools.
struct ToolFamily: Sendable, CustomTestStringConvertible {
    var name: String
    var template: String
    /// What such a model writes to call `add` with 1 and 2 and say something before, if it can.
    var written: String
    /// What of that is text.
    var text = ""
    /// The call's id, where the model gives it one.
    var id: String?
    /// What begins a call that is then no call.
    var malformed: String

    var testDescription: String { name }

    static let all = [hermes, llama3, mistral, functionary31, functionary, plain]

    /// Hermes 2 and 3, Qwen 2.5 and 3, Granite 4.
    static let hermes = ToolFamily(
        name: "Hermes",
        template: """
            {%- if tools %}
                {{- '<|im_start|>system\\n# Tools\\n<tools>' }}
                {%- for tool in tools %}{{- '\\n' }}{{- tool | tojson }}{%- endfor %}
                {{- '\\n</tools>\\n<tool_call>\\n{"name": <function-name>, "arguments": <args-json-object>}\\n</tool_call><|im_end|>\\n' }}
            {%- endif %}
            {%- for message in messages %}
                {%- if message.role == 'assistant' and message.tool_calls %}
                    {{- '<|im_start|>assistant' }}
                    {%- if message.content %}{{- '\\n' + message.content }}{%- endif %}
                    {%- for tool_call in message.tool_calls %}
                        {%- set tool_call = tool_call.function %}
                        {{- '\\n<tool_call>\\n{"name": "' }}
                        {{- tool_call.name }}
                        {{- '", "arguments": ' }}
                        {{- tool_call.arguments | tojson }}
                        {{- '}\\n</tool_call>' }}
                    {%- endfor %}
                    {{- '<|im_end|>\\n' }}
                {%- elif message.role == 'tool' %}
                    {{- '<|im_start|>user\\n<tool_response>\\n' + message.content + '\\n</tool_response><|im_end|>\\n' }}
                {%- else %}
                    {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
                {%- endif %}
            {%- endfor %}
            {%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}
            """,
        written:
            "Let me see.\n<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1, \"b\": 2}}\n</tool_call>",
        text: "Let me see.\n",
        malformed: "<tool_call>\n{\"nam: oh no"
    )

    static let llama3 = ToolFamily(
        name: "Llama 3",
        template: """
            {{- bos_token }}
            {{- '<|start_header_id|>system<|end_header_id|>\\n\\nCutting Knowledge Date: December 2023<|eot_id|>' }}
            {%- if tools is defined and tools %}
                {{- '<|start_header_id|>user<|end_header_id|>\\n\\nRespond in the format {"name": function name, "parameters": dictionary of argument name and its value}.\\n\\n' }}
                {%- for t in tools %}{{- t | tojson(indent=4) }}{{- '\\n\\n' }}{%- endfor %}
                {{- '<|eot_id|>' }}
            {%- endif %}
            {%- for message in messages %}
                {%- if not (message.role == 'tool' or 'tool_calls' in message) %}
                    {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + message['content'] | trim + '<|eot_id|>' }}
                {%- elif 'tool_calls' in message %}
                    {%- if not message.tool_calls|length == 1 %}{{- raise_exception('one call at once') }}{%- endif %}
                    {%- set tool_call = message.tool_calls[0].function %}
                    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n{"name": "' + tool_call.name + '", ' }}
                    {{- '"parameters": ' }}
                    {{- tool_call.arguments | tojson }}
                    {{- '}<|eot_id|>' }}
                {%- else %}
                    {{- '<|start_header_id|>ipython<|end_header_id|>\\n\\n' + message.content + '<|eot_id|>' }}
                {%- endif %}
            {%- endfor %}
            {%- if add_generation_prompt %}{{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{%- endif %}
            """,
        written: "{\"name\": \"add\", \"parameters\": {\"a\": 1, \"b\": 2}}",
        malformed: "{\"name\": \"add\", \"parameters\": {\"a\": 1, oh"
    )

    static let mistral = ToolFamily(
        name: "Mistral Nemo",
        template: """
            {{- bos_token }}
            {%- for message in messages %}
                {%- if message['role'] == 'user' %}
                    {%- if tools is defined and tools and loop.last %}
                        {{- '[AVAILABLE_TOOLS][' }}
                        {%- for tool in tools %}{{- tool | tojson }}{%- if not loop.last %}{{- ', ' }}{%- endif %}{%- endfor %}
                        {{- '][/AVAILABLE_TOOLS]' }}
                    {%- endif %}
                    {{- '[INST]' + message['content'] + '[/INST]' }}
                {%- elif message.tool_calls is defined and message.tool_calls is not none %}
                    {{- '[TOOL_CALLS][' }}
                    {%- for tool_call in message.tool_calls %}
                        {%- set out = tool_call.function|tojson %}
                        {{- out[:-1] }}
                        {{- ', "id": "' + tool_call.id + '"}' }}
                        {%- if not loop.last %}{{- ', ' }}{%- else %}{{- ']' + eos_token }}{%- endif %}
                    {%- endfor %}
                {%- elif message['role'] == 'tool' %}
                    {{- '[TOOL_RESULTS]{"content": ' + message.content|string + ', "call_id": "' + message.tool_call_id + '"}[/TOOL_RESULTS]' }}
                {%- else %}
                    {{- message['content'] + eos_token }}
                {%- endif %}
            {%- endfor %}
            """,
        written:
            "Sure. [TOOL_CALLS][{\"name\": \"add\", \"arguments\": {\"a\": 1, \"b\": 2}, \"id\": \"abcdef123\"}]",
        text: "Sure. ",
        id: "abcdef123",
        malformed: "[TOOL_CALLS][{\"name\": \"add\", \"arguments\": {\"a\": one"
    )

    /// Functionary 3.1, whose calls are tagged; llama.cpp knows it by how it looks for its interpreter.
    static let functionary31 = ToolFamily(
        name: "Functionary 3.1",
        template: """
            {%- if not tools is defined -%}{%- set tools = none -%}{%- endif -%}
            {%- set has_code_interpreter = tools | selectattr("type", "equalto", "code_interpreter") | list | length > 0 -%}
            {{- bos_token + "<|start_header_id|>system<|end_header_id|>\\n\\n" }}
            {%- if tools %}
                {{- "\\nYou have access to the following functions:\\n\\n" }}
                {%- for t in tools %}
                    {{- "Use the function '" + t["function"]["name"] + "' to '" + t["function"]["description"] + "'\\n" + t["function"] | tojson + "\\n\\n" }}
                {%- endfor %}
                {{- '<function=example_function_name>{"example_name": "example_value"}</function>' -}}
            {%- endif %}
            {{- "<|eot_id|>" -}}
            {%- for message in messages -%}
                {%- if message['role'] == 'user' or message['role'] == 'system' -%}
                    {{ '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + message['content'] + '<|eot_id|>' }}
                {%- elif message['role'] == 'tool' -%}
                    {{ '<|start_header_id|>ipython<|end_header_id|>\\n\\n' + message['content'] + '<|eot_id|>' }}
                {%- else -%}
                    {{ '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'}}
                    {%- if message['content'] -%}{{ message['content'] }}{%- endif -%}
                    {%- if 'tool_calls' in message and message['tool_calls'] -%}
                        {%- for tool_call in message['tool_calls'] -%}
                            {{ '<function=' + tool_call['function']['name'] + '>' + tool_call['function']['arguments'] | tojson + '</function>' }}
                        {%- endfor -%}
                        {{ '<|eom_id|>' }}
                    {%- else -%}{{ '<|eot_id|>' }}{%- endif -%}
                {%- endif -%}
            {%- endfor -%}
            {%- if add_generation_prompt -%}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{%- endif -%}
            """,
        written: "Let me see. <function=add>{\"a\": 1, \"b\": 2}</function>",
        text: "Let me see. ",
        malformed: "<function=add>{\"a\": one"
    )

    /// Functionary 3.2, one of those that llama.cpp has a parser of its own for.
    static let functionary = ToolFamily(
        name: "Functionary 3.2",
        template: """
            {#- >>>${recipient} #}
            {%- if tools %}{{- '<|start_header_id|>system<|end_header_id|>\\n\\n' }}{%- for t in tools %}{{- t | tojson }}{%- endfor %}{{- '<|eot_id|>' }}{%- endif %}
            {%- for message in messages %}
                {{- '<|start_header_id|>' + message.role + '<|end_header_id|>\\n\\n' }}
                {%- if message.role == 'assistant' %}
                    {%- if message.content %}{{- '>>>all\\n' + message.content }}{%- endif %}
                    {%- for tool_call in message.tool_calls or [] %}
                        {{- '>>>' + tool_call.function.name + '\\n' + tool_call.function.arguments | string }}
                    {%- endfor %}
                {%- else %}{{- message.content }}{%- endif %}
                {{- '<|eot_id|>' }}
            {%- endfor %}
            {%- if add_generation_prompt %}{{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n>>>' }}{%- endif %}
            """,
        written: "add\n{\"a\": 1, \"b\": 2}",
        malformed: "add\n{\"a\": 1, oh"
    )

    /// One that knows no tools and gets LM Studio's form.
    static let plain = ToolFamily(
        name: "without tools",
        template: TemplateFamily.chatML.template,
        written:
            "[TOOL_REQUEST]{\"name\": \"add\", \"arguments\": {\"a\": 1, \"b\": 2}}[END_TOOL_REQUEST]",
        malformed: "[TOOL_REQUEST]{\"name\": \"add\"}[END_TOOL_REQUEST]"
    )
}
