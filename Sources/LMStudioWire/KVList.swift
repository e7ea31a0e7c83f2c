import LMStudioCore

extension JSONValue {
    /// Whether it is a key-value configuration.
    package var isKVList: Bool { KVList(self) != nil }
}

/// A key-value configuration: `{"fields":[{"key":…,"value":…},…]}`.
struct KVList {
    var fields: [(key: String, value: JSONValue)]
    /// Whether a field was left out.
    private(set) var isIncomplete = false

    init(fields: [(key: String, value: JSONValue)]) {
        self.fields = fields
    }

    /// Reads a list; fields without key or value are left out, and an empty object is an empty list.
    ///
    /// - Returns: `nil` if it is none.
    init?(_ json: JSONValue) {
        guard case .object(let members) = json,
            let elements = (members["fields"] ?? .array([])).elements
        else { return nil }
        fields = []
        for field in elements {
            if case .object(let members) = field, let key = members["key"]?.string,
                let value = members["value"]
            {
                // Null stands for an option that is not given.
                if value != .null { fields.append((key, value)) }
            } else {
                isIncomplete = true
            }
        }
    }

    /// The list's JSON, sorted by key.
    var json: JSONValue {
        .object([
            "fields": .array(
                fields.sorted { $0.key < $1.key }.map { field in
                    .object(["key": .string(field.key), "value": field.value])
                }
            )
        ])
    }

    // MARK: Reading

    /// The options that the fields stand for; of several fields with one key the last one counts.
    ///
    /// - Parameters:
    ///   - table: the options to look for.
    ///   - domain: what kind of model's keys to look for; `nil`: any's.
    ///   - isTolerant: whether values that do not fit are left out.
    /// - Returns: the options, and the fields with unknown keys.
    /// - Throws: `.invalidArgument` naming the key and what it takes.
    func options(
        by table: OptionTable,
        in domain: ModelDomain?,
        isTolerant: Bool
    ) throws(LMStudioError) -> (OptionValues, rest: [(key: String, value: JSONValue)]) {
        var values = OptionValues()
        var rest: [(key: String, value: JSONValue)] = []
        for (key, value) in fields {
            guard let option = table.option(ofKey: key, in: domain) else {
                rest.append((key, value))
                continue
            }
            for (option, value) in Self.read(option, value, by: table) {
                guard let unfit = values.set(option, value), !isTolerant else { continue }
                throw unfit.refusal(as: key, wanted: option.wanted)
            }
        }
        return (values, rest)
    }

    /// The words that are none of those which their options take.
    func unknownWords(by table: OptionTable) -> [UnknownWord] {
        var unknown: [UnknownWord] = []
        for (key, value) in fields {
            guard let option = table.option(ofKey: key, in: nil) else { continue }
            for case (let option, .string(let word)) in Self.read(option, value, by: table) {
                if case .words(let words) = option.shape, !words.contains(word) {
                    unknown.append(.option(key: key, value: word))
                }
            }
        }
        return unknown
    }

    /// The options that a key's value stands for, with their values in option objects.
    private static func read(
        _ option: ConfigOption,
        _ value: JSONValue,
        by table: OptionTable
    ) -> [(ConfigOption, JSONValue)] {
        switch option.form {
        case .plain: return [(option, value)]
        case .checkbox:
            guard let isOn = value["checked"]?.bool else { return [(option, value)] }
            guard isOn else { return [(option, .bool(false))] }
            // Python's `False` comes as a checked box that holds false; a box that holds nothing,
            // or true, says nothing.
            guard let inner = value["value"], inner != .bool(true) else { return [] }
            return [(option, inner)]
        case .gpuSplit:
            return GPUSplit.options(of: value).compactMap { name, value in
                table.option(named: name).map { ($0, value) }
            }
        }
    }

    // MARK: Writing

    /// The list that some options stand for.
    ///
    /// - Parameters:
    ///   - options: values by name.
    ///   - table: the options to write.
    ///   - domain: what kind of model it is for.
    init(_ options: [String: JSONValue], by table: OptionTable, for domain: ModelDomain) {
        let prefix = table.prefix(for: domain)
        var byKey: [String: JSONValue] = [:]
        for (key, value) in KVList(options[OptionTable.rawName] ?? .null)?.fields ?? [] {
            byKey[key] = value
        }
        for option in table.options where domain == .llm || option.isForEmbedding {
            guard let name = option.key else { continue }
            let key = option.isShared ? name : prefix + name
            if case .gpuSplit = option.form {
                // Official clients send the whole with any part of it.
                guard options.keys.contains(where: { $0.hasPrefix("gpu.") }) else { continue }
                byKey[key] = GPUSplit.value(of: options)
                continue
            }
            guard let value = options[option.name] else { continue }
            switch (option.form, value) {
            case (.checkbox(let filler), .bool(false)):
                byKey[key] = .object(["checked": .bool(false), "value": filler])
            case (.checkbox, _):
                byKey[key] = .object(["checked": .bool(true), "value": value])
            default: byKey[key] = value
            }
        }
        fields = byKey.map { ($0.key, $0.value) }
    }
}

extension OptionTable {
    /// What the keys that are not shared begin with.
    func prefix(for domain: ModelDomain) -> String {
        "\(domain.rawValue).\(what)."
    }

    /// The option of a key; `domain` `nil`: of any kind of model.
    func option(ofKey key: String, in domain: ModelDomain?) -> ConfigOption? {
        for domain in domain.map({ [$0] }) ?? ModelDomain.allCases {
            let prefix = prefix(for: domain)
            if key.hasPrefix(prefix) {
                return option(of: String(key.dropFirst(prefix.count)), isShared: false)
            }
        }
        return option(of: key, isShared: true)
    }
}
