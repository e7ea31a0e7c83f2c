import Foundation
import LMStudioTesting
import Testing

/// Where a server listens, and what it says.
@Suite(.timeLimit(.minutes(10))) struct ServerOptionTests {
    private let lms: CommandLineTool

    init() throws {
        lms = try CommandLineTool()
    }

    #if os(Linux)
    // Elsewhere this machine has no second address for itself.
    @Test func aServerListensWhereItIsBound() async throws {
        let server = try await lms.startServer("--bind", "127.0.0.2", "--load", "tiny-one")
        #expect(server.address == "127.0.0.2:\(server.port)")
        let run = try await lms.run("ps", "--host", server.address)
        #expect(run.output.contains("tiny-one"))
        #expect(await server.end(with: SIGTERM) == 0)
    }
    #endif

    // No part of a name may be longer than 63 letters, so that nobody is asked for the last.
    @Test(arguments: ["192.0.2.1", String(repeating: "a", count: 64) + ".invalid"])
    func anAddressOfAnotherMachineIsRefused(address: String) async throws {
        let run = try await lms.run(
            "server",
            "start",
            "--port",
            "0",
            "--no-sdk-port",
            "--bind",
            address
        )
        #expect(run.status == 1)
        #expect(run.output == "")
        // Between them are the system's own words.
        #expect(run.errors.hasPrefix("error: cannot listen on \"\(address)\", port 0: "))
        #expect(run.errors.hasSuffix("; give an address of this machine\n"))
        #expect(!run.errors.contains("Error"))
    }

    @Test func aQuietServerSaysNothing() async throws {
        let run = try await lms.run(
            shell: """
                "$0" server start --quiet --port 0 --no-sdk-port --models-dir \(lms.models) \
                    --load tiny-one &
                until "$0" server status | grep -q 'running on'; do kill -0 $! || exit 2; done
                "$0" server stop > /dev/null
                wait $!
                """
        )
        #expect(run.status == 0)
        #expect(run.output == "")
        #expect(run.errors == "")
    }

    @Test func aServerGoesOnWithoutAReaderOfWhatItWrites() async throws {
        let run = try await lms.run(
            shell: """
                { "$0" server start --verbose --port 0 --no-sdk-port --models-dir \(lms.models) \
                    --load tiny-one 2>&1; echo $? > status; } | true &
                until "$0" server status | grep -q 'running on'; do [ ! -s status ] || exit 2; done
                host=$("$0" server status | sed 's/running on \\([^ ]*\\).*/\\1/')
                until "$0" ps --host "$host" | grep -q tiny-one; do [ ! -s status ] || exit 3; done
                "$0" complete --host "$host" --max-tokens 2 hello > /dev/null || exit 4
                "$0" server stop > /dev/null
                wait
                cat status
                """
        )
        #expect(run.status == 0)
        #expect(run.output == "0\n")
        #expect(run.errors == "")
    }

    @Test func aVerboseServerWritesItsLogToStandardError() async throws {
        let silent = try await lms.startServer()
        #expect(await silent.end(with: SIGTERM) == 0)
        #expect(try lms.log == "")
        let server = try await lms.startServer("--verbose")
        #expect(await server.end(with: SIGTERM) == 0)
        #expect(try lms.log.contains("listening on \(server.address)"))
        #expect(try lms.log.contains("stopped"))
    }

    @Test func quietAndVerboseExcludeEachOther() async throws {
        let run = try await lms.run("server", "start", "--quiet", "--verbose")
        #expect(run.status == 1)
        #expect(run.errors.contains("--quiet or --verbose, not both"))
    }
}
