/// Which kinds of warnings were given, each of which is given once.
package struct WarningKinds: Sendable {
    /// A server that invents kinds must not fill the memory.
    private static let limit = 100

    private var given: Set<String> = []

    package init() {}

    /// Notes a kind.
    ///
    /// - Returns: whether it is to be warned of: it is new, and there are not too many.
    package mutating func isNew(_ kind: String) -> Bool {
        given.count < Self.limit && given.insert(kind).inserted
    }
}
