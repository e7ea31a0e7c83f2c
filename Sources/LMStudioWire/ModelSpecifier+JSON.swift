package import LMStudioCore

extension ModelSpecifier {
    /// Reads LM Studio's specifier.
    ///
    /// - Returns: `nil` if it is of no known type, or its query is none.
    package init?(json: JSONValue) {
        switch json["type"]?.string {
        case "query":
            guard let query = ModelQuery(json: json["query"] ?? .object([:])) else { return nil }
            self = .query(query)
        case "instanceReference":
            guard let reference = json["instanceReference"]?.string else { return nil }
            self = .instanceReference(reference)
        default: return nil
        }
    }

    /// LM Studio's specifier.
    package var json: JSONValue {
        switch self {
        case .query(let query): .object(["type": .string("query"), "query": query.json])
        case .instanceReference(let reference):
            .object([
                "type": .string("instanceReference"), "instanceReference": .string(reference),
            ])
        }
    }
}

extension ModelQuery {
    /// Reads LM Studio's query.
    ///
    /// - Returns: `nil` if it is no object, or a member is of the wrong type: it would fit too much.
    package init?(json: JSONValue) {
        guard case .object = json else { return nil }
        let domain = json["domain"]?.string
        self.init(
            domain: domain.flatMap { ModelDomain(rawValue: $0) },
            identifier: json["identifier"]?.string,
            path: json["path"]?.string,
            vision: json["vision"]?.bool
        )
        if self.domain == nil { others["domain"] = domain }
        // null is the computer that is asked, as nothing is.
        others["deviceIdentifier"] = json["deviceIdentifier"]?.string
        guard (json["domain"] == nil) == (domain == nil),
            (json["identifier"] == nil) == (identifier == nil),
            (json["path"] == nil) == (path == nil), (json["vision"] == nil) == (vision == nil),
            (json["deviceIdentifier"] == nil) == (others["deviceIdentifier"] == nil)
        else { return nil }
    }

    /// LM Studio's query.
    package var json: JSONValue {
        .present([
            "domain": (domain?.rawValue ?? others["domain"]).map { .string($0) },
            "identifier": identifier.map { .string($0) },
            "path": path.map { .string($0) },
            "vision": vision.map { .bool($0) },
            "deviceIdentifier": others["deviceIdentifier"].map { .string($0) },
        ])
    }
}
