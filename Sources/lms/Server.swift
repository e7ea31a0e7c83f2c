import ArgumentParser

/// `lms server`: starts, looks at and stops servers.
struct Server: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve this computer's models to LM Studio's SDKs.",
        subcommands: [ServerStart.self, ServerStatus.self, ServerStop.self]
    )
}
