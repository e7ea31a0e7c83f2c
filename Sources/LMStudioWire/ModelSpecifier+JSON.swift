package import LMStudioCore

extension ModelSpecifier {
    /// Reads LM Studio's specifier.
    ///
    /// - Returns: `nil` if it is of no known type, or asks for a kind of model this version does not know.
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
    /// Reads LM Studio's query; the device is not looked at.
    ///
    /// - Returns: `nil` if it is no object, or a member is of the wrong type: it would fit too much.
    package init?(json: JSONValue) {
        guard case .object = json else { return nil }
        self.init(
            domain: json["domain"]?.string.flatMap { ModelDomain(rawValue: $0) },
            identifier: json["identifier"]?.string,
            path: json["path"]?.string,
            vision: json["vision"]?.bool
        )
        guard (json["domain"] == nil) == (domain == nil),
            (json["identifier"] == nil) == (identifier == nil),
            (json["path"] == nil) == (path == nil), (json["vision"] == nil) == (vision == nil)
        else { return nil }
    }

    /// LM Studio's query.
    package var json: JSONValue {
        .present([
            "domain": domain.map { .string($0.rawValue) },
            "identifier": identifier.map { .string($0) },
            "path": path.map { .string($0) },
            "vision": vision.map { .bool($0) },
        ])
    }
}
