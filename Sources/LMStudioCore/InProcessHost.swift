/// Makes the host that runs models in this process, for addresses that mean it.
///
/// This module does not import an engine. `LMStudioLlama` offers one: `LMStudioClient(local: .llama)`.
public struct InProcessHost: Sendable {
    /// Receives the directory of `local:DIR`, or `nil` for the model store.
    public let make: @Sendable (_ models: String?) -> any ModelHost

    /// Wraps a maker.
    public init(make: @escaping @Sendable (_ models: String?) -> any ModelHost) {
        self.make = make
    }
}
