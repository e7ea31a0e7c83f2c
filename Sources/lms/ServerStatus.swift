import ArgumentParser
import LMStudio
import LMStudioWire

/// `lms server status`: which servers run on this computer.
struct ServerStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Tell which servers run on this computer, LM Studio's own included."
    )

    @Flag(help: "Write a JSON object.")
    var json = false

    func run() async throws {
        let records = ServerRecord.all()
        let known = Set(records.flatMap(\.addresses))
        var others: [String] = []
        for port in ServerDiscovery.ports {
            let address = HostAddress.server(
                host: "127.0.0.1",
                port: port,
                path: "",
                isSecure: false
            )
            // One that listens on all addresses of the machine answers here too.
            let isKnown = known.contains { $0.hasSuffix(":\(port)") }
            if !isKnown, await ServerDiscovery.isServer(at: address, within: .milliseconds(250)) {
                others.append("127.0.0.1:\(port)")
            }
        }
        if json { return Output.standard.json(Self.json(records, others: others)) }
        if records.isEmpty, others.isEmpty { Output.standard.line("not running") }
        for record in records {
            Output.standard.line(
                "running on \(record.addresses.joined(separator: ", ")) (process \(record.processIdentifier))"
            )
        }
        for address in others { Output.standard.line("another program's server on \(address)") }
    }

    private static func json(_ records: [ServerRecord], others: [String]) -> JSONValue {
        .object([
            "running": .bool(!records.isEmpty || !others.isEmpty),
            "servers": .array(records.map(\.json)),
            "others": .array(others.map { .string($0) }),
        ])
    }
}
