/// Which loaded instance a call means.
public enum ModelSpecifier: Sendable, Hashable {
    /// The first loaded one that fits.
    case query(ModelQuery)
    /// The very instance; gone when it is unloaded.
    case instanceReference(String)

    /// The one of this name: an identifier, else a model key, else the start of a path, in any case.
    public static func identifier(_ name: String) -> ModelSpecifier {
        .query(ModelQuery(identifier: name))
    }

    /// The one of this name among those for one purpose.
    ///
    /// That it is a language model goes without saying, as with LM Studio's own clients.
    package static func identifier(_ name: String, _ domain: ModelDomain) -> ModelSpecifier {
        .query(ModelQuery(domain: domain == .llm ? nil : domain, identifier: name))
    }

    /// What it must be for; `nil`: it does not say.
    package var domain: ModelDomain? {
        guard case .query(let query) = self else { return nil }
        return query.domain
    }

    /// Any, the first loaded one.
    public static var any: ModelSpecifier { .query(ModelQuery()) }
}

/// What a loaded instance must be; what is `nil` does not matter.
public struct ModelQuery: Sendable, Hashable {
    /// What it is for.
    public var domain: ModelDomain?
    /// A name for it: an identifier, else a model key, else the start of a path, in any case.
    public var identifier: String?
    /// Where it lies: `publisher/repository`, or with the file.
    public var path: String?
    /// Whether it takes images.
    public var vision: Bool?
    /// What no instance of a host is, by its name in LM Studio's protocol: a `domain` that is no
    /// ``ModelDomain``, such as `tts`, and the `deviceIdentifier` of another computer.
    package var others: [String: String] = [:]

    /// Makes a query.
    public init(
        domain: ModelDomain? = nil,
        identifier: String? = nil,
        path: String? = nil,
        vision: Bool? = nil
    ) {
        self.domain = domain
        self.identifier = identifier
        self.path = path
        self.vision = vision
    }
}

extension ModelSpecifier: CustomStringConvertible {
    /// What is looked for, for error messages: `called "qwen"`.
    public var description: String {
        switch self {
        case .instanceReference(let reference):
            return "with the instance reference \"\(reference)\""
        case .query(let query):
            var parts: [String] = []
            if let name = query.identifier { parts.append("called \"\(name)\"") }
            if let path = query.path { parts.append("at \"\(path)\"") }
            if let domain = query.domain?.rawValue ?? query.others["domain"]?.quoted {
                parts.append("of type \(domain)")
            }
            if let device = query.others["deviceIdentifier"] {
                parts.append("on the device \(device.quoted)")
            }
            if let vision = query.vision { parts.append(vision ? "with vision" : "without vision") }
            return parts.isEmpty ? "of any kind" : parts.joined(separator: ", ")
        }
    }
}
