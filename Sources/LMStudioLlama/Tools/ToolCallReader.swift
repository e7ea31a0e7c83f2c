import LMStudioCore
import LMStudioWire

/// Tells a model's calls of tools from its answer, as they are written.
///
/// Until a call begins text passes through; only what could still become a trigger is held back. From
/// there on all is parsed again each time it has grown by a thirty-second, so that the work for a long
/// call is a few dozen times its length, and its pieces are a token at first and longer later.
struct ToolCallReader {
    /// What text turned out to be.
    enum Output: Equatable {
        case text(String, PredictionFragment.ReasoningType)
        case call(ToolCallEvent)
    }

    private let parser: ToolCallParser
    private let triggers: [[UInt8]]
    /// Whether calls may only stand at the beginning: nothing but a brace marks them.
    private let isUnmarked: Bool
    /// What may become a trigger, or all from the trigger on.
    private var held: [UInt8] = []
    private var isReading: Bool
    /// Whether something was written that is no space.
    private var hasText = false
    /// Length of `held` at which it is worth parsing again.
    private var nextLength = 0
    private var contentLength = 0
    private var thinkingLength = 0
    /// The calls that began, with as much of their arguments as was told.
    private var calls: [ToolCallRequest] = []
    /// How many of them have ended.
    private(set) var endedCount = 0

    /// Nesting that no sensible arguments reach; llama.cpp's parser has no bound of its own.
    private static let depthLimit = 128

    /// Reads from the beginning of an answer.
    init(_ parser: ToolCallParser) {
        self.parser = parser
        triggers = parser.triggers.map { Array($0.utf8) }
        isUnmarked = parser.triggers == ["{"]
        isReading = parser.readsAll || parser.triggers.isEmpty
    }

    /// Takes text and hands on what is certain now.
    ///
    /// - Parameters:
    ///   - text: what comes next.
    ///   - isLast: whether nothing follows.
    ///   - isCut: whether the model would have gone on then.
    ///   - emit: receives text, never empty, and calls.
    mutating func append(
        _ text: String,
        isLast: Bool,
        isCut: Bool = false,
        _ emit: (Output) -> Void
    ) {
        if isReading {
            held += text.utf8
        } else if held.isEmpty, !triggers.contains(where: { text.utf8.contains($0[0]) }) {
            // Nearly all text has nothing of a trigger.
            pass(text, emit)
        } else {
            held += text.utf8
            search(isLast: isLast, emit)
        }
        guard isReading, isLast || held.count >= nextLength else { return }
        nextLength = held.count + max(1, held.count / 32)
        read(isLast: isLast, isCut: isCut, emit)
    }

    // MARK: Before a call

    private mutating func pass(_ text: String, _ emit: (Output) -> Void) {
        guard !text.isEmpty else { return }
        hasText = hasText || text.utf8.contains { !Self.spaces.contains($0) }
        emit(.text(text, .none))
    }

    private static let spaces: Set = [
        UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"),
    ]

    private mutating func search(isLast: Bool, _ emit: (Output) -> Void) {
        let place = held.indices.first { index in
            triggers.contains { held[index...].starts(with: $0) }
        }
        let isCall = place.map { place in
            !isUnmarked || !hasText && held[..<place].allSatisfy(Self.spaces.contains)
        }
        if let place, isCall == true {
            pass(take(place), emit)
            isReading = true
        } else {
            pass(take(isLast || isUnmarked ? held.count : held.count - partialLength()), emit)
        }
    }

    private mutating func take(_ count: Int) -> String {
        defer { held.removeFirst(count) }
        return String(decoding: held[..<count], as: UTF8.self)
    }

    /// Length of the longest end of what is held that a trigger begins with.
    private func partialLength() -> Int {
        triggers.map { trigger in
            (0...min(trigger.count - 1, held.count)).last { length in
                trigger.starts(with: held[(held.count - length)...])
            } ?? 0
        }.max() ?? 0
    }

    // MARK: In a call

    private mutating func read(isLast: Bool, isCut: Bool, _ emit: (Output) -> Void) {
        guard !held.isEmpty else { return }
        guard !isTooDeep() else {
            return isLast ? fail("its arguments are nested too deep", emit) : ()
        }
        switch parser.parse(held, isPartial: !isLast) {
        case .success(let message):
            tell(message, isLast: isLast, emit)
            if isLast { finish(message, isCut: isCut, emit) }
        // While more may follow, what fits no call may become one.
        case .failure where !isLast: break
        case .failure where isUnmarked && calls.isEmpty: emit(.text(take(held.count), .none))
        case .failure(let error): fail(error.message, emit)
        }
    }

    /// Whether brackets are nested too deep, strings left out.
    ///
    /// A quote in text before the arguments may begin no string. So the depth is counted for each way to read the
    /// quotes: at every byte one of the three is outside of strings, and one within a string of either kind.
    private func isTooDeep() -> Bool {
        var (outside, inDouble, inSingle) = (0, 0, 0)
        var isEscaped = false
        for byte in held {
            guard !isEscaped else {
                isEscaped = false
                continue
            }
            switch byte {
            case UInt8(ascii: "\\"): isEscaped = true
            case UInt8(ascii: "\""): swap(&outside, &inDouble)
            case UInt8(ascii: "'"): swap(&outside, &inSingle)
            case UInt8(ascii: "{"), UInt8(ascii: "["): outside += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): outside = max(0, outside - 1)
            default: break
            }
            if outside > Self.depthLimit { return true }
        }
        return false
    }

    private mutating func tell(
        _ message: ToolCallParser.Message,
        isLast: Bool,
        _ emit: (Output) -> Void
    ) {
        tell(message.thinking, &thinkingLength, .reasoning, isLast: isLast, emit)
        tell(message.content, &contentLength, .none, isLast: isLast, emit)
        for (index, call) in message.calls.enumerated() where !call.name.isEmpty {
            if index >= calls.count {
                if let last = calls.indices.last { end(last, emit) }
                calls.append(ToolCallRequest(name: call.name))
                emit(.call(.started(id: call.id)))
                emit(.call(.named(call.name)))
            }
            calls[index].id = call.id
            let told = calls[index].arguments ?? ""
            guard let arguments = call.arguments, arguments.utf8.count > told.utf8.count,
                arguments.utf8.starts(with: told.utf8)
            else { continue }
            calls[index].arguments = arguments
            let piece = arguments.utf8.dropFirst(told.utf8.count)
            emit(.call(.argumentFragment(String(Substring(piece)))))
        }
    }

    /// Tells what of a growing text is new.
    private func tell(
        _ text: String,
        _ told: inout Int,
        _ type: PredictionFragment.ReasoningType,
        isLast: Bool,
        _ emit: (Output) -> Void
    ) {
        guard text.utf8.count > told else { return }
        let piece = String(Substring(text.utf8.dropFirst(told)))
        told = text.utf8.count
        if !piece.isEmpty { emit(.text(piece, type)) }
    }

    private mutating func finish(
        _ message: ToolCallParser.Message,
        isCut: Bool,
        _ emit: (Output) -> Void
    ) {
        guard let last = calls.indices.last else {
            guard parser.readsAll || isUnmarked else {
                return fail("it ends before it is a whole call", emit)
            }
            // Without a call, all that stands there must have been told as text.
            if contentLength == 0, thinkingLength == 0 { emit(.text(take(held.count), .none)) }
            return
        }
        if isCut, last >= endedCount, last >= wholeCallCount() {
            return fail("the answer ended within the call of \(calls[last].name)", emit)
        }
        let isAlone = calls.count == 1
        let rawContent = isAlone ? String(decoding: held, as: UTF8.self) : nil
        end(last, rawContent: rawContent, isLast: true, emit)
    }

    /// The calls that are there with all that belongs to their form.
    ///
    /// The parser takes one for whole once its arguments are, which is right where the model has ended.
    private func wholeCallCount() -> Int {
        let length =
            isUnmarked
            ? (try? JSONValue(parsing: String(decoding: held, as: UTF8.self), as: "the call"))
                .map { _ in held.count }
            : wholeLength()
        guard let length else { return 0 }
        return (try? parser.parse(Array(held[..<length]), isPartial: false).get().calls.count) ?? 0
    }

    /// Length of the longest beginning that the grammar takes for whole; all of it if there is no grammar.
    private func wholeLength() -> Int? {
        guard let text = parser.grammar else { return held.count }
        guard let grammar = try? AnswerForm.of(.grammar(text)).grammar,
            let cursor = (try? GrammarMachine(grammar)).map(GrammarCursor.init),
            parser.prefix.isEmpty || (try? cursor.accept(Array(parser.prefix.utf8))) == true
        else { return nil }
        var length: Int?
        let start = held.indices.first { place in
            triggers.isEmpty || triggers.contains { held[place...].starts(with: $0) }
        }
        for place in held.indices.dropFirst(start ?? held.count) {
            guard (try? cursor.accept([held[place]])) == true else { break }
            if cursor.mayEnd { length = place + 1 }
        }
        return length
    }

    /// Ends a call; `isLast`: with the answer.
    private mutating func end(
        _ index: Int,
        rawContent: String? = nil,
        isLast: Bool = false,
        _ emit: (Output) -> Void
    ) {
        guard index >= endedCount else { return }
        var call = calls[index]
        if call.arguments?.isEmpty ?? true {
            call.arguments = "{}"
            emit(.call(.argumentFragment("{}")))
        }
        let arguments = try? JSONValue(parsing: call.arguments ?? "", as: "arguments")
        guard arguments?.members != nil else {
            let isCut = arguments == nil && isLast
            return fail(
                isCut
                    ? "the answer ended within the arguments of \(call.name)"
                    : "the arguments of \(call.name) are no JSON object",
                emit
            )
        }
        call.id = call.id ?? Self.newID()
        endedCount = index + 1
        emit(.call(.ended(call, rawContent: rawContent)))
    }

    private mutating func fail(_ reason: String, _ emit: (Output) -> Void) {
        if calls.count == endedCount { emit(.call(.started(id: nil))) }
        emit(.call(.failed(reason: reason, rawContent: String(decoding: held, as: UTF8.self))))
    }

    /// A name for a call that has none: nine letters and digits, which all templates take.
    private static func newID() -> String {
        let characters = Array("abcdefghijklmnopqrstuvwxyz0123456789")
        return String((0..<9).map { _ in characters[.random(in: characters.indices)] })
    }
}
