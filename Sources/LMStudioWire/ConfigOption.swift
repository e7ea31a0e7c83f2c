/// An option: LM Studio's name for it, its key in key-value configurations, and what it takes.
struct ConfigOption: Sendable {
    /// The name in option objects, camelCase; that of an option within another has a point: `gpu.ratio`.
    let name: String
    /// The key without its prefix, or the whole key of a shared one; `nil`: only in option objects.
    let key: String?
    /// What it takes.
    let shape: OptionShape
    /// How its key holds it.
    let form: Form
    /// Whether the key stands without the prefix of its configuration.
    let isShared: Bool
    /// Whether embedding models have it too.
    let isForEmbedding: Bool

    /// How a key holds a value.
    enum Form: Sendable {
        /// As it is.
        case plain
        /// In an object with a mark that switches it on; where it is off, something must stand there.
        case checkbox(filler: JSONValue)
        /// As one of the parts of `load.gpuSplitConfig`.
        case gpuSplit
    }

    /// Whether `false` stands for "off".
    var isSwitchable: Bool {
        if case .checkbox = form { true } else { false }
    }

    /// What fits, for messages.
    var wanted: String {
        shape.description + (isSwitchable ? " or false" : "")
    }

    /// Looks at a value of an option object.
    func fit(_ value: JSONValue) -> OptionShape.Fit {
        isSwitchable && value == .bool(false) ? .fits(value) : shape.fit(value)
    }

    static func plain(
        _ name: String,
        _ key: String?,
        _ shape: OptionShape,
        isShared: Bool = false,
        isForEmbedding: Bool = false
    ) -> ConfigOption {
        ConfigOption(
            name: name,
            key: key,
            shape: shape,
            form: .plain,
            isShared: isShared,
            isForEmbedding: isForEmbedding
        )
    }

    static func checkbox(
        _ name: String,
        _ key: String,
        _ shape: OptionShape,
        off filler: JSONValue,
        isForEmbedding: Bool = false
    ) -> ConfigOption {
        ConfigOption(
            name: name,
            key: key,
            shape: shape,
            form: .checkbox(filler: filler),
            isShared: false,
            isForEmbedding: isForEmbedding
        )
    }

    static func gpuSplit(_ name: String, _ shape: OptionShape) -> ConfigOption {
        ConfigOption(
            name: name,
            key: GPUSplit.key,
            shape: shape,
            form: .gpuSplit,
            isShared: true,
            isForEmbedding: true
        )
    }
}
