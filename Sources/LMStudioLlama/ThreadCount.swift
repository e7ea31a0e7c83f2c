import CLlama

/// How many threads compute at once.
///
/// They wait for each other many times a token, so those that have no core of their own hold up all.
enum ThreadCount {
    /// One for each physical core that this process may use.
    static let most = Int(cllama_core_count())

    /// The number that somebody gets who asks for some; `nil`: for as many as there are.
    static func given(_ wanted: Int?) -> Int { min(wanted ?? most, most) }

    /// A warning where an option asks for more than there are.
    static func note(_ option: String, _ wanted: Int?) -> [String] {
        guard let wanted, wanted > most else { return [] }
        return [
            "\(option) \(wanted) is more than the \(most) physical cores that this process may use; "
                + "\(most) are used"
        ]
    }
}
