import ArgumentParser
import LMStudio
import LMStudioCore

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// `lms server stop`: stops a server that `lms server start` started.
struct ServerStop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Stop a server; what runs there is ended within five seconds."
    )

    @Option(parsing: .unconditional, help: "The port it listens on; needed if several servers run.")
    var port: Int?

    func run() async throws {
        let server = try choose(among: ServerRecord.all())
        guard kill(server.processIdentifier, SIGTERM) == 0 else {
            throw LMStudioError(
                .invalidState,
                "cannot stop the server, process \(server.processIdentifier): \(SystemError.words(errno))"
            )
        }
        // It is no child of this process, so there is nothing to wait for but its lock.
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(10)
        while server.isRunning {
            guard clock.now < deadline else {
                throw LMStudioError(
                    .timedOut,
                    "the server, process \(server.processIdentifier), has not stopped within 10 s"
                )
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        Output.standard.line("stopped \(server.addresses.first ?? "")")
    }

    private func choose(among servers: [ServerRecord]) throws(LMStudioError) -> ServerRecord {
        let fitting = servers.filter { server in port.map { $0 == server.port } ?? true }
        if fitting.count == 1, let server = fitting.first { return server }
        let ports = servers.map { "\($0.port)" }.joined(separator: ", ")
        throw LMStudioError(
            .invalidState,
            servers.isEmpty
                ? "no server runs that `lms server start` started"
                : fitting.isEmpty
                    ? "no server listens on port \(port ?? 0); there are some on: \(ports)"
                    : "several servers run; give --port: \(ports)"
        )
    }
}
