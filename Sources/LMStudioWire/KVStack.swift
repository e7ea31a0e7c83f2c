import LMStudioCore

/// Key-value lists on top of each other: `{"layers":[{"layerName":…,"config":{"fields":[…]}},…]}`.
struct KVStack {
    private let layers: [(name: String, list: KVList)]

    /// The layer that asks for a completion: the prompt is text as it is.
    static let completionLayer = "completeModeFormatting"
    /// The layer of what a caller asks for.
    static let callerLayer = "apiOverride"

    private static let names: Set = [
        "currentlyEditing", "currentlyLoaded", callerLayer, "conversationSpecific",
        "conversationGlobal", "preset", "serverSession", "httpServerRequestOverride",
        completionLayer, "instance", "userModelDefault", "virtualModel", "modelDefault",
        "hardware",
    ]

    /// Reads a stack; `nil` and null: no layers.
    ///
    /// - Throws: `.invalidArgument` if it is none.
    init(_ json: JSONValue?) throws(LMStudioError) {
        guard let json, json != .null else {
            layers = []
            return
        }
        guard let elements = json["layers"]?.elements else {
            throw json.refusal(as: "the config stack", wanted: #"{"layers":[…]}"#)
        }
        var layers: [(String, KVList)] = []
        for layer in elements {
            guard let name = layer["layerName"]?.string,
                let list = KVList(layer["config"] ?? .object(["fields": .array([])]))
            else {
                throw layer.refusal(
                    as: "a layer of a config stack",
                    wanted: #"{"layerName":…,"config":{"fields":[…]}}"#
                )
            }
            layers.append((name, list))
        }
        self.layers = layers
    }

    /// Whether there is a layer of a name.
    func contains(_ name: String) -> Bool {
        layers.contains { $0.name == name }
    }

    /// The options that the layers stand for together; later ones win.
    ///
    /// The layer that asks for a completion is not looked into: its template says only what the
    /// layer's name says.
    ///
    /// - Throws: `.invalidArgument` naming the key and what it takes.
    func options(
        by table: OptionTable,
        in domain: ModelDomain,
        warnings: inout [String]
    ) throws(LMStudioError) -> OptionValues {
        let known = layers.filter { Self.names.contains($0.name) }
        let fields = known.filter { $0.name != Self.completionLayer }.flatMap(\.list.fields)
        let (values, rest) = try KVList(fields: fields).options(
            by: table,
            in: domain,
            isTolerant: false
        )
        let layers = layers.map(\.name).filter { !Self.names.contains($0) }
        let place = "the config stack"
        if let warning = UnknownKeys.warning("layers", of: place, layers) {
            warnings.append(warning)
        }
        if let warning = UnknownKeys.warning("keys", of: place, rest.map(\.key)) {
            warnings.append(warning)
        }
        if known.contains(where: \.list.isIncomplete) {
            warnings.append("fields of the config stack without a key or a value have no effect")
        }
        return values
    }
}
