extension TinyModel {
    /// The tokens of a tiny model.
    struct Vocabulary {
        /// ggml's kinds of tokens.
        enum Kind: Int32 {
            case normal = 1, unknown, control, userDefined, unused, byte
        }

        struct Token {
            var text: String
            var type: Kind
            /// SentencePiece joins the pair with the highest score first.
            var score: Float
        }

        var tokens: [Token]
        var merges: [String] = []
        var model: String
        var beginning: UInt32
        var end: UInt32

        /// What the file says of them.
        var metadata: [(key: String, value: GGUFWriter.Value)] {
            var all: [(key: String, value: GGUFWriter.Value)] = [
                ("tokenizer.ggml.model", .string(model)),
                ("tokenizer.ggml.tokens", .strings(tokens.map(\.text))),
                ("tokenizer.ggml.token_type", .int32s(tokens.map(\.type.rawValue))),
                ("tokenizer.ggml.bos_token_id", .uint32(beginning)),
                ("tokenizer.ggml.eos_token_id", .uint32(end)),
            ]
            if model == "gpt2" {
                all.append(("tokenizer.ggml.pre", .string("gpt-2")))
                all.append(("tokenizer.ggml.merges", .strings(merges)))
            } else {
                all.append(("tokenizer.ggml.scores", .float32s(tokens.map(\.score))))
            }
            return all
        }

        /// Pieces longer than a letter, each made of two that come before it or are letters.
        private static let words = [
            "he", "ll", "hell", "hello", "th", "the", "in", "er", "an", "on", "my", "na", "me",
            "name", "is", "on", "once",
        ]

        /// 3 control tokens, 256 bytes, letters, words.
        static var sentencePiece: Self {
            var tokens = [
                Token(text: "<unk>", type: .unknown, score: 0),
                Token(text: "<s>", type: .control, score: 0),
                Token(text: "</s>", type: .control, score: 0),
            ]
            for byte in 0..<256 {
                let digits = String(byte, radix: 16, uppercase: true)
                tokens.append(
                    Token(text: "<0x\(byte < 16 ? "0" : "")\(digits)>", type: .byte, score: 0)
                )
            }
            let letters = "▁etaoinshrdlcumwfgypbvkjxqzETAOINSHRDLCUMWFGYPBVKJXQZ.,!?'".map(
                String.init
            )
            for (index, piece) in (letters + unique(words) + ["▁hello", "▁the", "▁my"]).enumerated()
            {
                tokens.append(Token(text: piece, type: .normal, score: Float(-index)))
            }
            return Self(tokens: tokens, model: "llama", beginning: 1, end: 2)
        }

        /// 256 bytes as GPT-2 spells them, words, 1 control token.
        static var bytePairs: Self {
            let letters = (0..<256).map(spelling)
            var known = Set(letters)
            var tokens = letters.map { Token(text: $0, type: .normal, score: 0) }
            var merges: [String] = []
            for word in unique(words) + ["Ġthe", "Ġmy"] {
                // The first way to make it of two known pieces.
                let cut = word.indices.dropFirst().first {
                    known.contains(String(word[..<$0])) && known.contains(String(word[$0...]))
                }
                guard let cut else { continue }
                merges.append("\(word[..<cut]) \(word[cut...])")
                tokens.append(Token(text: word, type: .normal, score: 0))
                known.insert(word)
            }
            tokens.append(Token(text: "<|endoftext|>", type: .control, score: 0))
            let end = UInt32(tokens.count - 1)
            return Self(tokens: tokens, merges: merges, model: "gpt2", beginning: end, end: end)
        }

        private static func unique(_ words: [String]) -> [String] {
            var seen: Set<String> = []
            return words.filter { seen.insert($0).inserted }
        }

        /// GPT-2 shows each byte as a printable character: itself, or one from U+0100 on.
        private static func spelling(_ byte: Int) -> String {
            func isPrintable(_ byte: Int) -> Bool {
                (0x21...0x7e).contains(byte) || (0xa1...0xac).contains(byte)
                    || (0xae...0xff).contains(byte)
            }
            let code = isPrintable(byte) ? byte : 256 + (0..<byte).count { !isPrintable($0) }
            return Unicode.Scalar(UInt32(code)).map { String(Character($0)) } ?? ""
        }
    }
}
