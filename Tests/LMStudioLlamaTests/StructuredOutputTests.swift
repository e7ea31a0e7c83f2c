import LMStudio
import LMStudioLlama
import LMStudioTesting
import LMStudioWire
import Testing

extension EngineTests {
    /// Answers of a given form, by small models that would write something else.
    @Suite struct StructuredOutputTests {
        /// A schema, and whether a value fits it.
        struct Form: Sendable, CustomTestStringConvertible {
            let schema: String
            let fits: @Sendable (JSONValue) -> Bool
            var testDescription: String { schema }
        }

        static let forms = [
            Form(
                schema:
                    #"{"type":"object","properties":{"name":{"type":"string","maxLength":20},"age":{"type":"integer","minimum":0,"maximum":120}},"required":["name","age"],"additionalProperties":false}"#
            ) {
                $0.members?.count == 2 && ($0["name"]?.string?.count ?? 99) <= 20
                    && (0...120).contains($0["age"]?.int ?? -1)
            },
            Form(
                schema:
                    #"{"type":"object","properties":{"city":{"type":"object","properties":{"name":{"enum":["Paris","Rome"]},"tags":{"type":"array","items":{"type":"string","maxLength":8},"minItems":1,"maxItems":3}},"required":["name","tags"]}},"required":["city"]}"#
            ) {
                ["Paris", "Rome"].contains($0["city"]?["name"]?.string)
                    && (1...3).contains($0["city"]?["tags"]?.strings?.count ?? 0)
            },
            Form(
                schema:
                    #"{"type":"array","items":{"type":"number","minimum":0,"maximum":1},"minItems":4,"maxItems":4}"#
            ) {
                $0.elements?.count == 4
                    && $0.elements?.allSatisfy { (0...1).contains($0.double ?? 2) } == true
            },
            Form(schema: #"{"enum":["red","green","blue"]}"#) {
                ["red", "green", "blue"].contains($0.string)
            },
            Form(schema: #"{"type":"boolean"}"#) { $0.bool != nil },
            Form(schema: #"{"type":["integer","null"],"minimum":1,"maximum":9}"#) {
                $0 == .null || (1...9).contains($0.int ?? 0)
            },
            Form(
                schema:
                    #"{"anyOf":[{"type":"object","properties":{"a":{"const":1}},"required":["a"]},{"type":"array","maxItems":2,"items":{"const":"x"}}]}"#
            ) {
                $0["a"] == .integer(1) || $0.elements?.allSatisfy { $0 == .string("x") } == true
            },
            Form(
                schema:
                    ##"{"$ref":"#/$defs/tree","$defs":{"tree":{"type":"object","properties":{"v":{"type":"integer","minimum":0,"maximum":9},"c":{"type":"array","maxItems":1,"items":{"$ref":"#/$defs/leaf"}}},"required":["v","c"]},"leaf":{"type":"object","properties":{"v":{"type":"null"}},"required":["v"]}}}"##
            ) {
                (0...9).contains($0["v"]?.int ?? -1) && ($0["c"]?.elements?.count ?? 9) <= 1
            },
            Form(schema: #"{"type":"string","format":"date"}"#) {
                $0.string?.split(separator: "-").map(\.count) == [4, 2, 2]
            },
            Form(schema: #"{"type":"string","pattern":"^[A-Z]{3}-\\d{4}$"}"#) {
                $0.string?.utf8.count == 8 && $0.string?.contains("-") == true
            },
            Form(
                schema:
                    #"{"type":"object","additionalProperties":{"type":"integer","maximum":99,"minimum":10},"properties":{"x":{"type":"boolean"}},"required":["x"],"maxProperties":3}"#
            ) {
                $0["x"]?.bool != nil
            },
            Form(
                schema:
                    #"{"type":"array","prefixItems":[{"type":"string","format":"uuid"},{"type":"number","exclusiveMinimum":-1,"exclusiveMaximum":0}],"minItems":2,"maxItems":2}"#
            ) {
                $0.elements?.first?.string?.count == 36 && ($0.elements?.last?.double ?? 1) < 0
            },
        ]

        private static let prompt = "Here is an example as JSON:\n"

        /// One client for all forms: an instance makes its table of the vocabulary once.
        private static let client = LMStudioClient(host: LocalHost())

        private func check(_ form: Form, _ file: String, seed: UInt32?) async throws {
            let isServed = HostTrait.server != nil
            let client = isServed ? try await TestModels.client() : Self.client
            let model = try await client.llm.model(file)
            var config = PredictionConfig(
                maxTokens: 150,
                temperature: seed == nil ? 0 : 1.5,
                seed: seed
            )
            config.structured = .json(schema: form.schema)
            let result = try await model.complete(Self.prompt, config: config)
            // An object with any members may go on; what is cut is not looked at.
            if result.stats.stopReason == .maxPredictedTokensReached { return }
            #expect(result.stats.stopReason == .eosFound)
            let value = try JSONValue(parsing: result.content, as: "answer")
            #expect(form.fits(value), "\(result.content)")
        }

        @Test(.onBothHosts, arguments: forms)
        func answersFitTheirSchema(form: Form) async throws {
            try await check(form, TestModels.starterFile, seed: nil)
            try await check(form, TestModels.starterFile, seed: 1)
        }

        @Test func answersOfALargeVocabularyDoToo() async throws {
            for form in Self.forms.prefix(2) {
                try await check(form, TestModels.gemmaFile, seed: 1)
            }
        }

        @Test func grammarDecidesWhatIsWritten() async throws {
            let model = try await TestModels.client().llm.model()
            var config = PredictionConfig.greedy(40)
            config.structured = .grammar(#"root ::= " "? ("Anna" | "Bob") ", é" [0-9]{3} "."#)
            let error = await #expect(throws: LMStudioError.self) {
                try await model.complete("My name is", config: config)
            }
            #expect(error?.code == .invalidArgument)
            config.structured = .grammar(#"root ::= " "? ("Anna" | "Bob") ", é" [0-9]{3} ".""#)
            let result = try await model.complete("My name is", config: config)
            #expect(result.content.wholeMatch(of: #/ ?(Anna|Bob), é[0-9]{3}\./#) != nil)
            #expect(result.stats.stopReason == .eosFound)
            #expect(result.predictionConfig.structured == config.structured)
        }

        @Test func modelCannotEndBeforeTheGrammarDoes() async throws {
            let model = try await TestModels.client().llm.model()
            var config = PredictionConfig.greedy(nil)
            config.structured = .grammar(#"root ::= [a-z ]{200}"#)
            let prompt = "<|im_start|>user\nSay hi.<|im_end|>\n<|im_start|>assistant\n"
            let result = try await model.complete(prompt, config: config)
            #expect(result.content.count == 200)
            #expect(result.stats.stopReason == .eosFound)
        }

        @Test func limitAndStopStringsCutTheAnswer() async throws {
            let model = try await TestModels.client().llm.model()
            var config = PredictionConfig.greedy(5)
            config.structured = .json(schema: #"{"type":"array","minItems":50}"#)
            let cut = try await model.complete("List:", config: config)
            #expect(cut.stats.stopReason == .maxPredictedTokensReached)
            #expect(cut.content.hasPrefix("["))
            config.maxTokens = 100
            config.stopStrings = ["["]
            let stopped = try await model.complete("List:", config: config)
            #expect(stopped.stats.stopReason == .stopStringFound)
            #expect(stopped.content.isEmpty)
        }

        @Test func textThatFitsAnywayIsThatWithoutAGrammar() async throws {
            let client = try await TestModels.client()
            for file in [TestModels.starterFile, TestModels.gemmaFile] {
                let model = try await client.llm.model(file)
                for config in [
                    PredictionConfig.greedy(24), PredictionConfig(maxTokens: 24, seed: 5),
                ] {
                    var bound = config
                    bound.structured = .grammar("root ::= .*")
                    let free = try await model.complete("Once upon a time", config: config)
                    let result = try await model.complete("Once upon a time", config: bound)
                    #expect(result.content == free.content)
                }
            }
        }

        @Test func cancellingInTheMiddleLeavesTheModelWell() async throws {
            let model = try await TestModels.client().llm.model()
            var config = PredictionConfig.greedy(nil)
            config.structured = .json(schema: #"{"type":"array","minItems":5000}"#)
            let stream = try model.completeStream("List:", config: config)
            for try await _ in stream { stream.cancel() }
            #expect(try await stream.result().stats.stopReason == .userStopped)
            config.structured = .json(schema: #"{"type":"boolean"}"#)
            let result = try await model.complete("Is water wet?", config: config)
            #expect(["true", "false"].contains(result.content))
        }

        @Test func grammarThatOnlyTurnsOutTooAmbiguousFailsThatPredictionAlone() async throws {
            let model = try await TestModels.client().llm.model()
            var config = PredictionConfig.greedy(200)
            config.structured = .grammar(
                "root ::= a\na ::= \" \" b | \" \" c | \".\"\nb ::= a \"1\"\nc ::= a \"2\""
            )
            config.logitBias = [:]
            let error = await #expect(throws: LMStudioError.self) {
                try await model.complete("   ", config: config)
            }
            #expect(error?.message.contains("ambiguous") == true)
            #expect(try await model.complete("Hi", config: .greedy(2)).content.isEmpty == false)
        }
    }
}
