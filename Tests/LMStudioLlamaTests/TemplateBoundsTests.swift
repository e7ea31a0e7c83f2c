import LMStudio
import LMStudioTesting
import Testing

@testable import LMStudioLlama

/// Templates that would take all time, memory or stack.
@Suite struct TemplateBoundsTests {
    private func prompt(_ template: String) async throws -> String {
        let host = try TinyStore("tiny").host()
        try await host.load("tiny")
        var config = PredictionConfig()
        config.promptTemplate = PromptTemplate(.jinja(template))
        return try await host.applyPromptTemplate(
            "Hi",
            config: config,
            options: PromptTemplateOptions(),
            with: .identifier("tiny")
        )
    }

    private func failure(_ template: String) async throws -> String {
        let error = try await #require(throws: LMStudioError.self) { try await prompt(template) }
        #expect(error.code == .invalidArgument)
        return error.message
    }

    @Test(arguments: [
        "{% for i in range(1000000000000) %}x{% endfor %}",
        "{% for i in range(100000) %}{% for i in range(100000) %}{% endfor %}{% endfor %}",
        "{% set l = range(1000) | list %}{% for i in l %}{% for i in l %}{% for i in l %}{% endfor %}{% endfor %}{% endfor %}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{% macro f(n) %}{% for i in [1, 2] %}{{ f(n + 1) }}{% endfor %}{% endmacro %}{{ f(0) }}",
        "{% set n = namespace(s='xxxxxxxxxxxxxxxx') %}{% for i in range(60) %}{% set n.s = n.s + n.s %}{% endfor %}",
        String(repeating: "{% set s = (s or 'xxxxxxxxxxxxxxxx') * 16 %}", count: 12),
        "{% for i in range(100000) %}\(String(repeating: "y", count: 1000)){% endfor %}",
        "{{ 'a' * 10000000000 }}",
        "{{ 'a' * 9223372036854775807 }}",
        "{{ ('x' * 10000).replace('x', 'y' * 100000) }}",
        "{{ 'xxx'.replace('', 'y' * 500000 ~ 'z' * 500000) | upper | lower | upper | lower }}",
        "{{ (',' * 1000000).split(',') }}",
        "{{ range(10000) | join('y' * 100000) }}",
        "{{ 'a\\na' | indent(1000000000000) }}",
        "{{ messages | tojson(indent=1000000000) }}",
        "{{ messages | tojson(separators=['y' * 500000, 'z' * 500000]) | upper | lower }}",
        "{% set n = namespace(l=['x']) %}{% for i in range(60) %}{% set n.l = [n.l, n.l] %}{% endfor %}{{ n.l }}",
        "{% set n = namespace(l=['x']) %}{% for i in range(60) %}{% set n.l = [n.l, n.l] %}{% endfor %}{{ n.l | tojson }}",
        "{% set l = [] %}{% set _ = l.append(l) %}{{ l }}",
        "{% set l = [] %}{% set _ = l.append(l) %}{{ l | tojson }}",
        "{% set n = namespace(a=1) %}{% set n.a = [n] %}{{ n.a | string }}",
        "{% set n = namespace(t=1) %}{% for i in range(1000) %}{% set n.t = (n.t, 1) %}{% endfor %}{{ {n.t: 1} }}",
        "{% set n = namespace(t=1) %}{% for i in range(60) %}{% set n.t = (n.t, n.t) %}{% endfor %}{{ {n.t: 1} }}",
    ])
    func aTemplateWithoutEndIsStopped(template: String) async throws {
        let text = try await failure(template)
        #expect(text.hasPrefix("the prompt template fails: "), "\(text)")
        #expect(text.contains("more than"))
    }

    /// They are let go of without recursion, and though they hold each other.
    @Test(arguments: [
        "{% set n = namespace(l=[]) %}{% for i in range(30000) %}{% set n.l = [n.l] %}{% endfor %}ok",
        "{% set n = namespace(l=[]) %}{% for i in range(30000) %}{% set n.l = {'l': n.l} %}{% endfor %}ok",
        "{% set l = ['x' * 10000] %}{% set _ = l.append(l) %}ok",
    ])
    func valuesWithinEachOtherAreLetGoOf(template: String) async throws {
        #expect(try await prompt(template) == "ok")
    }

    @Test(arguments: [
        String(repeating: "{% if true %}", count: 5000)
            + String(repeating: "{% endif %}", count: 5000),
        "{% if a %}" + String(repeating: "{% elif b %}", count: 20_000) + "{% endif %}",
        "{{ " + String(repeating: "(", count: 50_000) + "1",
        "{{ " + String(repeating: "not ", count: 50_000) + "1 }}",
        "{{ 1" + String(repeating: " + 1", count: 50_000) + " }}",
        String(repeating: "x", count: 300_000),
    ])
    func aTemplateThatIsTooDeepOrLongIsRefused(template: String) async throws {
        #expect(try await failure(template).contains("more than"))
    }
}
