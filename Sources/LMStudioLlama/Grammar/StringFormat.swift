/// The formats of strings that a grammar can say.
enum StringFormat {
    /// What a format stands for; `nil` if it is not known.
    static func node(_ format: String) -> GrammarNode? {
        switch format {
        case "date": return date
        case "time": return time
        case "date-time": return .sequence([date, .text("T"), time])
        case "uuid":
            return .sequence(
                [8, 4, 4, 4, 12].enumerated().flatMap { index, count in
                    [
                        index > 0 ? .text("-") : .empty,
                        .repeated(.characters(JSONGrammar.hexadecimal), min: count, max: count),
                    ]
                }
            )
        case "ipv4":
            let part = NumberGrammar.integers(from: 0, to: 255)
            return .sequence([
                part, .repeated(.sequence([.text("."), part]), min: 3, max: 3),
            ])
        case "email":
            let letters = CharacterRanges("a"..."z").union(CharacterRanges("A"..."Z"))
                .union(.digits)
            let word = GrammarNode.repeated(.characters(letters), min: 1, max: 30)
            let name = GrammarNode.sequence([
                word, .repeated(.sequence([.characters(of: "._+-"), word]), min: 0, max: 4),
            ])
            let label = GrammarNode.sequence([
                word, .repeated(.sequence([.text("-"), word]), min: 0, max: 1),
            ])
            return .sequence([
                name, .text("@"), .repeated(.sequence([label, .text(".")]), min: 1, max: 3),
                .repeated(
                    .characters(CharacterRanges("a"..."z")),
                    min: 2,
                    max: 10
                ),
            ])
        default: return nil
        }
    }

    private static func digits(_ count: Int) -> GrammarNode {
        .repeated(.characters(.digits), min: count, max: count)
    }

    private static func texts(_ texts: [String]) -> GrammarNode { .choice(texts.map { .text($0) }) }

    /// A day that its month has; February has 29 days in no year.
    private static let date = GrammarNode.sequence([
        digits(4), .text("-"),
        .choice([
            .sequence([texts(["01", "03", "05", "07", "08", "10", "12"]), .text("-"), days(31)]),
            .sequence([texts(["04", "06", "09", "11"]), .text("-"), days(30)]),
            .sequence([.text("02-"), days(28)]),
        ]),
    ])

    private static func days(_ count: Int) -> GrammarNode {
        texts((1...count).map { $0 < 10 ? "0\($0)" : "\($0)" })
    }

    private static let time: GrammarNode = {
        let hour = texts((0..<24).map { $0 < 10 ? "0\($0)" : "\($0)" })
        let sixtieth = GrammarNode.sequence([
            .characters(CharacterRanges("0"..."5")), .characters(.digits),
        ])
        return .sequence([
            hour, .text(":"), sixtieth, .text(":"), sixtieth,
            .optional(.sequence([.text("."), .repeated(.characters(.digits), min: 1, max: 6)])),
            .choice([
                .text("Z"), .sequence([.characters(of: "+-"), hour, .text(":"), sixtieth]),
            ]),
        ])
    }()
}
