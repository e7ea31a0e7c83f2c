import LMStudio
import LMStudioTesting
import Testing

@testable import LMStudioLlama

/// Calls in scripted texts, each read by the parser that its family's template gets.
@Suite struct ToolCallReaderTests {
    private let directory: TemporaryDirectory
    private let model: LlamaModel

    static let add = ToolDefinition(
        name: "add",
        description: "Adds.",
        parameters:
            #"{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"integer"}},"required":["a","b"]}"#
    )

    init() throws {
        directory = try TemporaryDirectory()
        try directory.write(TinyModel().bytes(), to: "tiny.gguf")
        model = try LlamaModel(
            path: directory.path + "/tiny.gguf",
            layout: ModelLayout(layers: 2),
            config: LoadConfig()
        ) { _ in true }
    }

    private func parser(
        of family: ToolFamily,
        isRequired: Bool = false
    ) throws -> ToolCallParser {
        try LlamaTemplate(family.template, for: model).parser(
            for: [Self.add, ToolDefinition(name: "now")],
            enablesThinking: true,
            isRequired: isRequired
        )
    }

    /// What a text is read as when it comes in pieces of some length, neighbouring texts joined.
    private func read(
        _ text: String,
        of family: ToolFamily,
        pieceLength: Int
    ) throws -> [ToolCallReader.Output] {
        read(text, by: try parser(of: family), pieceLength: pieceLength)
    }

    private func read(
        _ text: String,
        by parser: ToolCallParser,
        pieceLength: Int,
        isCut: Bool = false
    ) -> [ToolCallReader.Output] {
        var reader = ToolCallReader(parser)
        var outputs: [ToolCallReader.Output] = []
        var rest = Array(text)[...]
        while !rest.isEmpty {
            reader.append(String(rest.prefix(pieceLength)), isLast: false) { outputs.append($0) }
            rest = rest.dropFirst(pieceLength)
        }
        reader.append("", isLast: true, isCut: isCut) { outputs.append($0) }
        return joined(outputs)
    }

    private func joined(_ outputs: [ToolCallReader.Output]) -> [ToolCallReader.Output] {
        var joined: [ToolCallReader.Output] = []
        for output in outputs {
            if case .text(let text, let type) = output, case .text(let before, type)? = joined.last
            {
                joined[joined.count - 1] = .text(before + text, type)
            } else if case .call(.argumentFragment(let piece)) = output,
                case .call(.argumentFragment(let before))? = joined.last
            {
                joined[joined.count - 1] = .call(.argumentFragment(before + piece))
            } else {
                joined.append(output)
            }
        }
        return joined
    }

    /// A call's steps without what differs from run to run: ids that are made up.
    private func steps(_ outputs: [ToolCallReader.Output], id: String?) -> [String] {
        outputs.map { output in
            switch output {
            case .text(let text, let type): "\(type): \(text)"
            case .call(.started): "start"
            case .call(.named(let name)): "name \(name)"
            case .call(.argumentFragment(let piece)): "arguments \(piece.filter { $0 != " " })"
            case .call(.ended(let call, _)):
                "end \(call.name) \(call.arguments?.filter { $0 != " " } ?? "") "
                    + "\(call.id == id || id == nil && call.id?.count == 9)"
            case .call(.failed): "failed"
            }
        }
    }

    /// Why a text is no call in the end.
    private func failure(_ outputs: [ToolCallReader.Output]) -> String? {
        if case .call(.failed(let reason, _))? = outputs.last { reason } else { nil }
    }

    @Test(arguments: ToolFamily.all, [1, 3, 1000])
    func callsAreToldFromText(family: ToolFamily, pieceLength: Int) throws {
        let outputs = try read(family.written, of: family, pieceLength: pieceLength)
        let text = family.text.isEmpty ? [] : ["none: \(family.text)"]
        #expect(
            steps(outputs, id: family.id) == text + [
                "start", "name add", #"arguments {"a":1,"b":2}"#,
                #"end add {"a":1,"b":2} true"#,
            ]
        )
    }

    @Test(arguments: ToolTemplate.all, [1, 1000])
    func callsThatATemplateWritesAreReadBack(template: ToolTemplate, pieceLength: Int) throws {
        let made = try LlamaTemplate(template.source, for: model)
        var written = try template.written(made)
        #expect(made.knowsTools && made.writesCalls)
        let parser = try made.parser(
            for: [Self.add, ToolDefinition(name: "now")],
            enablesThinking: made.thinks,
            isRequired: false
        )
        // Thinking is told apart before, unless the parser does that.
        if !parser.readsAll, let end = written.firstRange(of: "</think>") {
            written.removeSubrange(..<end.upperBound)
        }
        let outputs = read(written, by: parser, pieceLength: pieceLength)
        let calls = outputs.compactMap { output in
            if case .call(.ended(let call, _)) = output { call } else { nil }
        }
        #expect(calls.map(\.name) == ["add"], "\(written): \(outputs)")
        #expect(calls.first?.arguments?.filter { $0 != " " } == #"{"a":1,"b":2}"#)
        #expect(template.id == nil || calls.first?.id == template.id)
        for case .text(let text, .none) in outputs {
            // Control tokens are not shown.
            let isBlank = text.replacing(#/<\|[A-Z_]+\|>/#, with: "").allSatisfy(\.isWhitespace)
            #expect(isBlank, "\(written): \(text)")
        }
    }

    @Test(arguments: ToolFamily.all, [1, 1000])
    func aMalformedCallFailsWithItsText(family: ToolFamily, pieceLength: Int) throws {
        let outputs = try read(family.malformed, of: family, pieceLength: pieceLength)
        guard case .call(.failed(let reason, let rawContent))? = outputs.last else {
            // A brace alone is no mark of a call.
            #expect(family.name == "Llama 3" && pieceLength == 1000)
            #expect(outputs == [.text(family.malformed, .none)])
            return
        }
        #expect(!reason.isEmpty)
        #expect(rawContent == family.malformed)
        #expect(!outputs.contains { if case .call(.ended) = $0 { true } else { false } })
    }

    @Test(arguments: ToolFamily.all.filter { $0.name != "Functionary 3.2" }, [1, 4, 1000])
    func textWithoutCallsPassesThrough(family: ToolFamily, pieceLength: Int) throws {
        for text in ["1 + 2 is 3.", "Write {\"a\": 1} or <tool or [TOOL or [] 🙂", ""] {
            let outputs = try read(text, of: family, pieceLength: pieceLength)
            #expect(outputs == (text.isEmpty ? [] : [.text(text, .none)]))
        }
    }

    @Test func severalCallsFollowEachOther() throws {
        let written =
            ToolFamily.hermes.written
            + "\n<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>"
        let outputs = try read(written, of: .hermes, pieceLength: 2)
        #expect(
            steps(outputs, id: nil) == [
                "none: Let me see.\n", "start", "name add", #"arguments {"a":1,"b":2}"#,
                #"end add {"a":1,"b":2} true"#, "start", "name now", "arguments {}",
                "end now {} true",
            ]
        )
    }

    @Test func anUnknownToolFails() throws {
        let written = "<tool_call>\n{\"name\": \"launch\", \"arguments\": {}}\n</tool_call>"
        let outputs = try read(written, of: .hermes, pieceLength: 1)
        #expect(steps(outputs, id: nil) == ["start", "failed"])
    }

    @Test(arguments: ToolFamily.all, [1, 1000])
    func aCallThatIsCutSaysSo(family: ToolFamily, pieceLength: Int) throws {
        let end = try #require(family.written.firstIndex(of: "1"))
        let outputs = try read(String(family.written[...end]), of: family, pieceLength: pieceLength)
        let reason = try #require(failure(outputs))
        #expect(reason.contains("ended within") || reason.contains("it ends"), "\(reason)")
    }

    /// The model may leave out what follows the arguments; a limit that cuts it off has cut the call.
    @Test(arguments: ToolFamily.all)
    func aCallIsWholeWithAllOfItsFormUnlessTheModelEndsBefore(family: ToolFamily) throws {
        let last = try #require(family.written.lastIndex(of: "2"))
        let arguments = family.written[...family.written.index(after: last)]
        // Of one form nothing follows the arguments.
        let beginnings =
            arguments.endIndex == family.written.endIndex
            ? [] : [arguments, family.written.dropLast()]
        for text in beginnings.map(String.init) {
            for isCut in [false, true] {
                let outputs = read(text, by: try parser(of: family), pieceLength: 1, isCut: isCut)
                let step = steps(outputs, id: nil).last
                #expect(step?.hasPrefix(isCut ? "failed" : "end") == true, "\(text): \(outputs)")
            }
        }
        let whole = family.written
        let outputs = read(whole, by: try parser(of: family), pieceLength: 1, isCut: true)
        #expect(steps(outputs, id: nil).last?.hasPrefix("end") == true, "\(outputs)")
    }

    @Test func aCallBeforeTheOneThatIsCutIsWhole() throws {
        let text = ToolFamily.hermes.written + "\n<tool_call>\n{\"na"
        let outputs = read(text, by: try parser(of: .hermes), pieceLength: 1000, isCut: true)
        #expect(steps(outputs, id: nil).last?.hasPrefix("end add") == true)
    }

    @Test func argumentsThatAreCutBehindABraceAreCutToo() throws {
        let written = "<tool_call>\n" + #"{"name": "add", "arguments": {"a":{"b":1}"#
        let outputs = try read(written, of: .hermes, pieceLength: 1000)
        let reason = try #require(failure(outputs))
        #expect(reason == "the answer ended within the arguments of add")
    }

    @Test func endlessNestingFails() throws {
        let written =
            "<tool_call>\n{\"name\": \"now\", \"arguments\": "
            + String(repeating: "[", count: 100_000)
        let outputs = try read(written, of: .hermes, pieceLength: 5000)
        let reason = try #require(failure(outputs))
        #expect(reason.contains("nested"))
    }

    @Test(
        arguments: ["", "\"", "don't \"", "\\"],
        [#""]""#, #""\"]""#, "']'", #"']"'"#]
    )
    func bracketsInStringsEndNoNesting(before: String, string: String) throws {
        let nested =
            String(repeating: "[\(string),", count: 200) + String(repeating: "]", count: 200)
        let written =
            "<tool_call>\(before)\n{\"name\": \"now\", \"arguments\": {\"x\": \(nested)}}\n</tool_call>"
        let outputs = try read(written, of: .hermes, pieceLength: 5000)
        let reason = try #require(failure(outputs))
        #expect(reason.contains("nested"))
    }

    @Test func bracketsInStringsAreNoNesting() throws {
        let brackets = String(repeating: #"["[", "]}"],"#, count: 200) + "0"
        let written =
            "<tool_call>\n{\"name\": \"now\", \"arguments\": {\"x\": [\(brackets)]}}\n</tool_call>"
        let outputs = try read(written, of: .hermes, pieceLength: 5000)
        #expect(steps(outputs, id: nil).last?.hasPrefix("end now") == true)
    }

    @Test func aLongCallIsNotParsedAtEachToken() throws {
        var reader = ToolCallReader(try parser(of: .hermes))
        var pieces = 0
        reader.append("<tool_call>\n{\"name\": \"now\", \"arguments\": {\"x\": \"", isLast: false) {
            _ in
        }
        for _ in 0..<4000 {
            reader.append("word ", isLast: false) { _ in pieces += 1 }
        }
        #expect(pieces < 400)
    }

    @Test(arguments: ToolFamily.all)
    func aRequiredCallFitsTheGrammar(family: ToolFamily) throws {
        let parser = try parser(of: family, isRequired: true)
        let grammar = try AnswerForm.of(.grammar(try #require(parser.grammar))).grammar
        var call = family.written
        if !parser.readsAll { call = String(call.dropFirst(family.text.count)) }
        let cursor = GrammarCursor(try GrammarMachine(grammar))
        #expect(try cursor.accept(Array((parser.prefix + call).utf8)))
        #expect(cursor.mayEnd)
        let other = GrammarCursor(try GrammarMachine(grammar))
        #expect(try !other.accept(Array((parser.prefix + "I cannot").utf8)) || parser.readsAll)
    }

    /// Where a call must come, neither nothing nor space may be all.
    @Test(arguments: ToolTemplate.names)
    func aRequiredAnswerIsNotEmpty(name: String) throws {
        let template = try LlamaTemplate(ToolTemplate.source(of: name), for: model)
        let parser = try template.parser(
            for: [Self.add],
            enablesThinking: false,
            isRequired: true
        )
        let grammar = try AnswerForm.of(.grammar(try #require(parser.grammar))).grammar
        for space in ["", " ", "\n\n"] {
            let cursor = GrammarCursor(try GrammarMachine(grammar))
            guard try cursor.accept(Array((parser.prefix + space).utf8)) else { continue }
            #expect(!cursor.mayEnd, "\(space.debugDescription)")
        }
    }
}
