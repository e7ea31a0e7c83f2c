public import LMStudioCore

extension InProcessHost {
    /// llama.cpp in this process, shared by all clients of a directory: `LMStudioClient(local: .llama)`.
    public static var llama: InProcessHost {
        InProcessHost { LocalHost.shared(models: $0) }
    }
}
