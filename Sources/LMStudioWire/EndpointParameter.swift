package import LMStudioCore

/// What an endpoint is called with; its refusals begin with the endpoint's name.
package struct EndpointParameter: Sendable {
    private let endpoint: String
    private let members: [String: JSONValue]

    /// Reads an object; anything else is one without members.
    package init(endpoint: String, _ json: JSONValue?) {
        self.endpoint = endpoint
        members = json?.members ?? [:]
    }

    /// A member of any kind; `nil` if there is none.
    package subscript(_ name: String) -> JSONValue? { members[name] }

    /// A string that must be there.
    package func string(_ name: String) throws(LMStudioError) -> String {
        guard let value = members[name]?.string else { throw refusal(name, "a string") }
        return value
    }

    /// A string, or `nil` if there is none.
    package func optionalString(_ name: String) throws(LMStudioError) -> String? {
        members[name] == nil ? nil : try string(name)
    }

    /// A truth value, or `nil` if there is none.
    package func bool(_ name: String) throws(LMStudioError) -> Bool? {
        switch members[name] {
        case nil: return nil
        case .bool(let value): return value
        default: throw refusal(name, "true or false")
        }
    }

    /// Longest time: 30,000 years, to which every clock can still add.
    private static let longest: Int64 = 1_000_000_000_000_000

    /// A time in whole milliseconds, 1…10^15, or `nil` if there is none.
    package func milliseconds(_ name: String) throws(LMStudioError) -> Duration? {
        switch members[name] {
        case nil: return nil
        case .integer(let value) where (1...Self.longest).contains(value):
            return .milliseconds(value)
        case .number(let value) where value >= 1 && value <= Double(Self.longest):
            return .milliseconds(Int64(value.rounded()))
        default: throw refusal(name, "a number of milliseconds, 1…10^15")
        }
    }

    /// The instance that is meant; one of another domain is not.
    ///
    /// - Throws: `.invalidArgument` if it is no specifier; `.modelNotFound` if no instance can fit, since it
    ///   is to be for what no model here is for, or on another computer.
    package func specifier(
        _ domain: ModelDomain,
        named name: String = "specifier"
    ) throws(LMStudioError) -> ModelSpecifier {
        guard let json = members[name], let specifier = ModelSpecifier(json: json) else {
            throw LMStudioError(
                .invalidArgument,
                "\(endpoint) needs a \"\(name)\" of type \"query\" or \"instanceReference\", got "
                    + (members[name]?.text.prefix(200) ?? "nothing")
            )
        }
        guard case .query(var query) = specifier else { return specifier }
        guard query.others.isEmpty else {
            let title = "no loaded model is \(specifier)"
            throw LMStudioError(
                .modelNotFound,
                "\(title); this server has language and embedding models of its own computer alone",
                details: LMStudioErrorDetails(
                    title: title,
                    display: .noModelMatchingQuery(query, loaded: [], total: 0)
                )
            )
        }
        // The namespace says what is looked for, unless the query itself does.
        if query.domain == nil { query.domain = domain }
        return .query(query)
    }

    /// Refuses another machine than this one; without a name or with null it is this one.
    package func refuseDevice() throws(LMStudioError) {
        guard let device = try optionalString("deviceIdentifier") else { return }
        throw LMStudioError(
            .unsupported,
            "\(endpoint) cannot reach the device \"\(device)\": this server has no other devices; "
                + "leave deviceIdentifier out"
        )
    }

    private func refusal(_ name: String, _ wanted: String) -> LMStudioError {
        LMStudioError(
            .invalidArgument,
            "\(endpoint) needs \(wanted) \"\(name)\", got \(members[name]?.kind ?? "nothing")"
        )
    }
}
