import ArgumentParser
import LMStudio
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

    @Option(help: "Idle time after which it goes, seconds; default: it stays.")
    var ttl: Double?

    @Flag(help: "Write LM Studio's instance info object as JSON.")
    var json = false

    @OptionGroup var options: LoadOptions
    @OptionGroup var connection: Connection

    func validate() throws {
        if let ttl, !(ttl > 0 && ttl < 1e9) {
            throw ValidationError("--ttl must be more than 0 and less than 1e9 seconds, not \(ttl)")
        }
    }

    func run() async throws {
        let client = try await connection.serverClient(for: "load it")
        defer { client.close() }
        let request = LoadRequest(
            model: key,
            identifier: identifier,
            config: options.config,
            timeToLive: ttl.map { .seconds($0) },
            reusesLoaded: false
        )
        let info = try await Interruptible.run {
            try await client.load(request, isQuiet: json).info()
        }
        if json {
            Output.standard.json(info.json)
        } else {
            Output.standard.line(info.identifier)
        }
    }
}
