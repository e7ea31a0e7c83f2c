/// The name of one file of a model that is split: `prefix-00001-of-00003.gguf`.
struct SplitName: Sendable, Hashable {
    /// What the names of all its files begin with.
    let prefix: String
    /// Which of the files it is, from 1.
    let number: Int
    /// How many there are.
    let count: Int

    /// More parts than any model has; names of all of them are made.
    private static let maximumCount = 4_096

    /// Reads a file's name; `nil` if it is not that of a split.
    init?(fileName: String) {
        guard fileName.utf8.count > 20, fileName.hasSuffix(".gguf") else { return nil }
        let name = fileName.dropLast(5)
        let parts = name.suffix(15).split(separator: "-", omittingEmptySubsequences: false)
        guard name.suffix(15).utf8.count == 15, parts.count == 4, parts[0].isEmpty,
            parts[2] == "of",
            parts[1].utf8.count == 5, parts[3].utf8.count == 5,
            parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            parts[3].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int(parts[1]), let count = Int(parts[3]), count <= Self.maximumCount,
            1...count ~= number
        else { return nil }
        prefix = String(name.dropLast(15))
        self.number = number
        self.count = count
    }

    /// The names of all files, the first one first.
    var allNames: [String] {
        (1...count).map { "\(prefix)-\(Self.padded($0))-of-\(Self.padded(count)).gguf" }
    }

    private static func padded(_ number: Int) -> String {
        String(repeating: "0", count: max(0, 5 - String(number).count)) + String(number)
    }
}
