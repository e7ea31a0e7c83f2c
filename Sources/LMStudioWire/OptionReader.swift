import LMStudioCore

/// Reads an object of options.
///
/// Names match in camelCase and snake_case. `null` stands for an option that is not given. What is
/// in the option `raw` lies beneath the others.
struct OptionReader {
    private let table: OptionTable
    /// Whether what would be a warning is an error.
    private(set) var isStrict = false
    private(set) var values = OptionValues()
    private(set) var warnings: [String] = []
    private var unknown: [String] = []
    /// The names as they were given, by what they are compared by.
    private var given: [String: String] = [:]

    /// Reads an object; `nil` and null: no options.
    ///
    /// - Throws: `.invalidArgument` if it is no object, an option is given in both spellings or a
    ///   value does not fit, and for unknown options where the object says `"strict": true`.
    init(_ json: JSONValue?, by table: OptionTable) throws(LMStudioError) {
        self.table = table
        guard let json, json != .null else { return }
        guard var members = json.members else {
            throw json.refusal(
                as: "the \(table.what) config",
                wanted: OptionShape.object.description
            )
        }
        if let strict = members.removeValue(forKey: "strict") {
            guard let isStrict = strict.bool else {
                throw strict.refusal(as: "strict", wanted: OptionShape.bool.description)
            }
            self.isStrict = isStrict
        }
        try read(members, in: nil)
        try layOverRaw()
        warnings += try unknown.map(warning)
    }

    private mutating func read(
        _ members: [String: JSONValue],
        in group: String?
    ) throws(LMStudioError) {
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            let path = group.map { "\($0).\(name)" } ?? name
            if let twin = given.updateValue(path, forKey: OptionTable.fold(path)) {
                throw LMStudioError(
                    .invalidArgument,
                    "\(path) is given twice, the other time as \(twin)"
                )
            }
            if table.groups.contains(path) {
                guard let inner = value.members else {
                    throw value.refusal(as: path, wanted: OptionShape.object.description)
                }
                try read(inner, in: path)
            } else if let option = table.option(named: path) {
                guard let unfit = values.set(option, value) else { continue }
                throw unfit.refusal(as: option.name, wanted: option.wanted)
            } else {
                unknown.append(path)
            }
        }
    }

    /// What `raw` has options for lies beneath the others; the rest of it stays.
    private mutating func layOverRaw() throws(LMStudioError) {
        guard let raw = values.take(OptionTable.rawName),
            let option = table.option(named: OptionTable.rawName)
        else { return }
        guard let list = KVList(raw) else {
            throw raw.refusal(as: "raw", wanted: #"{"fields":[{"key":…,"value":…}]}"#)
        }
        let (beneath, rest) = try list.options(by: table, in: nil, isTolerant: false)
        values.lay(over: beneath)
        if !rest.isEmpty { _ = values.set(option, KVList(fields: rest).json) }
    }

    private func warning(_ path: String) throws(LMStudioError) -> String {
        let group = path.lastIndex(of: ".").map { path[...$0] } ?? ""
        let known = table.options.map(\.name).filter { name in
            group.isEmpty ? !name.contains(".") : name.hasPrefix(group)
        }
        let near = Suggestion.nearest(
            to: String(path.dropFirst(group.count)),
            in: known.map { String($0.dropFirst(group.count)) },
            limit: 1
        ).first
        let text =
            "there is no \(table.what) option \"\(path)\""
            + (near.map { "; did you mean \"\($0)\"?" } ?? "")
        if isStrict { throw LMStudioError(.invalidArgument, text) }
        return text
    }
}
