import Synchronization

/// Keeps what callbacks are given, in the order they come.
package final class Recorder<Value: Sendable>: Sendable {
    private let recorded = Mutex<[Value]>([])

    /// Makes an empty recorder.
    package init() {}

    /// What was recorded until now.
    package var values: [Value] { recorded.withLock { $0 } }

    /// How often something was recorded until now.
    package var count: Int { values.count }

    /// Records a value.
    package func record(_ value: Value) {
        recorded.withLock { $0.append(value) }
    }
}

extension Recorder<Void> {
    /// Records that something happened.
    package func record() { record(()) }
}
