import ArgumentParser
import LMStudio
import LMStudioLlama
import LMStudioWire

/// `lms load`: loads a model on a server.
struct Load: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Load a model on a server, where it stays."
    )

    @Argument(help: "Key, path or unique part of a key.")
    var key: String

    @Option(help: "The name it goes by while it is loaded; default: its key.")
    var identifier: String?

    @Option(
        parsing: .unconditional,
        help: "Idle time after which it goes, seconds; default: it stays."
    )
    var ttl: Double?

    @Flag(help: "Say what memory it would take, and do not load it.")
    var estimateOnly = false

    @Flag(help: "Write LM Studio's instance info object, or estimate, as JSON.")
    var json = false

    @OptionGroup var options: LoadOptions
    @OptionGroup var connection: Connection

    func validate() throws {
        if let ttl { try LoadOptions.check(ttl: ttl) }
        if estimateOnly, ttl != nil || identifier != nil {
            throw ValidationError(
                "--estimate-only loads nothing, so that \(ttl == nil ? "--identifier" : "--ttl") has no "
                    + "effect; leave one of them out"
            )
        }
    }

    func run() async throws {
        if estimateOnly { return try await estimate() }
        let client = try await connection.serverClient(for: "load it")
        defer { client.close() }
        let request = LoadRequest(
            model: key,
            identifier: identifier,
            config: try options.config(for: client),
            domain: nil,
            timeToLive: ttl.map { .seconds($0) },
            reusesLoaded: false
        )
        let info = try await Interruptible.run {
            try await client.load(request, isQuiet: json)
        }
        if json {
            Output.standard.json(info.json)
        } else {
            Output.standard.line(info.identifier)
        }
    }

    /// Models need not be on a server for that.
    private func estimate() async throws {
        let client = try await connection.client()
        defer { client.close() }
        let request = LoadRequest(
            model: key,
            config: try options.config(for: client),
            domain: nil
        )
        let estimate = try await Interruptible.run { try await client.estimateUsage(request) }
        guard !json else { return Output.standard.json(estimate.json) }
        let memory = estimate.memory
        var table = Table("", "TOTAL", "GPU")
        for (name, total, gpu) in [
            ("model", memory.modelBytes, memory.modelVRAMBytes),
            ("context", memory.contextBytes, memory.contextVRAMBytes),
            ("together", memory.totalBytes, memory.totalVRAMBytes),
        ] {
            table.add(name, ByteCount.text(total), ByteCount.text(gpu))
        }
        Output.standard.line(table.text)
        Output.standard.line(
            estimate.passesGuardrails
                ? "There is room for it." : "There is no room for it beside what is loaded."
        )
    }
}
