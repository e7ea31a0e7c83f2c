import Synchronization

/// A bar on standard error that shows how far something is; nothing where that is no terminal.
final class ProgressBar: Sendable {
    private let label: String
    private let isVisible: Bool
    /// The percentage that is drawn; -1: none.
    private let drawn = Mutex(-1)

    private static let width = 30

    /// Makes a bar that is not drawn yet.
    ///
    /// - Parameters:
    ///   - label: what is done: "Loading a-model".
    ///   - isHidden: whether nobody wants to see it.
    init(_ label: String, isHidden: Bool = false) {
        self.label = label
        isVisible = !isHidden && Output.error.isTerminal
    }

    /// Draws the share done, 0…1.
    func show(_ share: Double) {
        guard isVisible else { return }
        let percent = Int((min(max(share, 0), 1) * 100).rounded(.down))
        drawn.withLock { drawn in
            guard drawn != percent else { return }
            drawn = percent
            let filled = Self.width * percent / 100
            let bar =
                String(repeating: "█", count: filled)
                + String(repeating: "░", count: Self.width - filled)
            Output.error.write("\r\(label) \(bar) \(percent) %")
        }
    }

    /// Takes it away.
    func clear() {
        drawn.withLock { drawn in
            guard drawn >= 0 else { return }
            drawn = -1
            Output.error.write("\r\u{1b}[K")
        }
    }
}
