/// The known names nearest to a mistyped one, for "did you mean" messages.
package enum Suggestion {
    /// At most `limit` of `names`, nearest first; those that share little with `name` are left out.
    package static func nearest(
        to name: String,
        in names: some Sequence<String>,
        limit: Int = 3
    ) -> [String] {
        let wanted = Array(fold(name).prefix(maximumLength))
        let scored = names.map { known in
            let candidate = Array(fold(known).prefix(maximumLength))
            let contained = !wanted.isEmpty && fold(known).hasPart(fold(name))
            return (
                name: known, score: contained ? 0 : distance(wanted, candidate),
                length: candidate.count
            )
        }
        return
            scored
            .filter { $0.score * 2 <= max(wanted.count, $0.length) }
            .sorted { ($0.score, $0.name) < ($1.score, $1.name) }
            .prefix(limit)
            .map(\.name)
    }

    /// Names longer than this are compared by their beginnings, which bounds the work.
    private static let maximumLength = 200

    private static func fold(_ name: String) -> String {
        String(name.lowercased().filter { $0.isLetter || $0.isNumber })
    }

    /// Edits that make one of the other (insert, delete, replace): Wagner and Fischer, 1974.
    private static func distance(_ a: [Character], _ b: [Character]) -> Int {
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, y) in b.enumerated() {
                let replaced = diagonal + (x == y ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[b.count]
    }
}
