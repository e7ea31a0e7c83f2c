/// Keeps a large value in a place of its own, so that what holds it is quickly copied.
final class Box<Value: Sendable & Hashable>: Sendable, Hashable {
    let value: Value

    init(_ value: Value) {
        self.value = value
    }

    static func == (one: Box, other: Box) -> Bool {
        one === other || one.value == other.value
    }

    func hash(into hasher: inout Hasher) {
        value.hash(into: &hasher)
    }
}
