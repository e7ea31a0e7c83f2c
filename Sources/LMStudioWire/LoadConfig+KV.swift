package import LMStudioCore

extension LoadConfig {
    /// Reads the stack of key-value lists that clients send.
    ///
    /// Later layers win. Keys without a property go to `others` by the name of their option.
    ///
    /// - Parameters:
    ///   - stack: the layers; `nil`: none.
    ///   - domain: what kind of model it is for.
    ///   - warnings: receives at most a line for unknown layers and one for unknown keys.
    /// - Throws: `.invalidArgument` naming the key and what it takes.
    package init(
        stack: JSONValue?,
        domain: ModelDomain,
        warnings: inout [String]
    ) throws(LMStudioError) {
        self.init()
        take(try KVStack(stack).options(by: .load, in: domain, warnings: &warnings))
        try validate()
    }

    /// Reads the key-value list that a server returns; keys and values that do not fit are left out.
    package init(kv: JSONValue, domain: ModelDomain) {
        self.init()
        let options = try? KVList(kv)?.options(by: .load, in: domain, isTolerant: true)
        if let options { take(options.0) }
    }

    /// The key-value list, as a server returns it; what the kind of model has no key for is left out.
    package func kv(for domain: ModelDomain) -> JSONValue {
        KVList(values, by: .load, for: domain).json
    }

    /// The stack of key-value lists that a client sends.
    package func stack(for domain: ModelDomain) -> JSONValue {
        .object(["layers": .array([.layer(KVStack.callerLayer, kv(for: domain))])])
    }
}
