package import LMStudioCore

extension LoadedCache {
    /// The object that the C functions for caches give; what is not known is left out.
    package var json: JSONValue {
        .present([
            "tokensCount": .whole(tokensCount), "warning": warning.map { .string($0) },
        ])
    }
}
