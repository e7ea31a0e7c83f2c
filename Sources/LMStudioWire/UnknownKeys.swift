import LMStudioCore

/// Names in key-value configurations that nobody here knows: they end nothing, and are told once together.
package enum UnknownKeys {
    /// A warning of the keys in the option `raw`, given as JSON text; `nil` if there are none.
    package static func warning(ofRaw text: String) -> String? {
        let list = (try? JSONValue(parsing: text, as: "raw")).flatMap { KVList($0) }
        return warning("keys", of: "raw", list?.fields.map(\.key) ?? [])
    }

    /// A warning of names of some kind; `nil` if there are none.
    static func warning(_ kind: String, of place: String, _ names: [String]) -> String? {
        let names = Set(names).sorted()
        guard !names.isEmpty else { return nil }
        let more = names.count > 5 ? " and \(names.count - 5) more" : ""
        return "unknown \(kind) of \(place) have no effect: "
            + names.prefix(5).map { $0.quoted(upTo: 60) }.joined(separator: ", ") + more
    }
}
