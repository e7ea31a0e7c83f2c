/// All options of one kind of configuration, said once for option objects and key-value lists.
struct OptionTable: Sendable {
    /// What they are options of, for messages: "prediction".
    let what: String
    /// In the order of the protocol's description.
    let options: [ConfigOption]
    private let byName: [String: ConfigOption]
    private let byKey: [String: ConfigOption]
    /// Options that hold options: `gpu`.
    let groups: Set<String>

    init(_ what: String, _ options: [ConfigOption]) {
        self.what = what
        self.options = options
        byName = Dictionary(options.map { (Self.fold($0.name), $0) }) { first, _ in first }
        byKey = Dictionary(options.compactMap { option in option.key.map { ($0, option) } }) {
            first,
            _ in first
        }
        groups = Set(
            options.compactMap { option in
                option.name.firstIndex(of: ".").map { String(option.name[..<$0]) }
            }
        )
    }

    /// The option of a name in camelCase or snake_case.
    func option(named name: String) -> ConfigOption? {
        byName[Self.fold(name)]
    }

    /// The option whose key without its prefix, or whose shared key, this is.
    func option(of key: String, isShared: Bool) -> ConfigOption? {
        byKey[key].flatMap { $0.isShared == isShared ? $0 : nil }
    }

    /// A name as names are compared: without regard to case and underscores.
    static func fold(_ name: String) -> String {
        name.filter { $0 != "_" }.lowercased()
    }
}
