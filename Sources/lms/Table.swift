/// Rows of text in aligned columns.
struct Table {
    private var rows: [[String]]

    /// Makes a table of its head.
    init(_ head: String...) {
        rows = [head]
    }

    /// Adds a row, as wide as the head.
    mutating func add(_ row: String...) {
        rows.append(row)
    }

    /// The lines, columns two spaces apart.
    var text: String {
        let widths = (rows.first ?? []).indices.map { column in
            rows.map { $0[column].count }.max() ?? 0
        }
        let lines = rows.map { row in
            var line = ""
            for (cell, width) in zip(row, widths) {
                line += cell + String(repeating: " ", count: width - cell.count + 2)
            }
            return line.trimmingTrailingSpaces
        }
        return lines.joined(separator: "\n")
    }
}

extension String {
    fileprivate var trimmingTrailingSpaces: String {
        let end = lastIndex { $0 != " " }.map(index(after:)) ?? startIndex
        return String(self[..<end])
    }
}
