import CLlama

/// How many threads compute at once.
///
/// They wait for each other many times a token, so those that have no processor of their own hold up all.
enum ThreadCount {
    /// One for each physical core that this process may use.
    static let usual = Int(cllama_core_count())
    /// One for each processor that this process may use.
    static let most = Int(cllama_processor_count())

    /// The number that somebody gets who asks for some; `nil`: the usual one.
    static func given(_ wanted: Int?) -> Int { min(wanted ?? usual, most) }

    /// The most that a prediction gets of a pool; `nil`: of one that names no size.
    static func limit(_ pool: Int?) -> Int { min(pool ?? most, most) }

    /// A warning where an option asks for more than there are.
    static func note(_ option: String, _ wanted: Int?) -> [String] {
        guard let wanted, wanted > most else { return [] }
        return [
            "\(option) \(wanted) is more than the \(most) processors that this process may use; "
                + "\(most) are used"
        ]
    }
}
