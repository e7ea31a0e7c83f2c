import LMStudio

/// The lines of standard input, as they come.
struct InputLines {
    /// Most lines at once: enough for many texts in one computation, and few for a reader to wait for.
    private static let most = 512

    /// What was read and not handed out yet.
    private var rest: [UInt8] = []
    private var isOver = false
    /// How many were handed out, and how many of them before the last time.
    private var (count, earlier) = (0, 0)

    /// What was handed out last, for messages.
    var place: String {
        earlier + 1 < count
            ? "lines \(earlier + 1)…\(count) of standard input" : name(of: count)
    }

    /// Waits for a line, and takes those with it that are there already.
    ///
    /// - Returns: the lines, without their ends; none when there are no more.
    /// - Throws: `.invalidArgument` if they cannot be read, or one is no text or too long.
    mutating func next() throws(LMStudioError) -> [String] {
        earlier = count
        var lines: [String] = []
        var (start, searched) = (0, 0)
        while lines.count < Self.most {
            if let end = rest[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                lines.append(try text(rest[start..<end]))
                (start, searched) = (end + 1, end + 1)
            } else if isOver {
                if start < rest.count { lines.append(try text(rest[start...])) }
                start = rest.count
                break
            } else if lines.isEmpty {
                searched = rest.count
                isOver = try !Input.read(into: &rest, descriptor: 0, name: name(of: count + 1))
            } else {
                break
            }
        }
        rest.removeFirst(start)
        return lines
    }

    private mutating func text(_ line: ArraySlice<UInt8>) throws(LMStudioError) -> String {
        count += 1
        return try Input.text(
            line.last == UInt8(ascii: "\r") ? line.dropLast() : line,
            name: name(of: count)
        )
    }

    private func name(of line: Int) -> String { "line \(line) of standard input" }
}
