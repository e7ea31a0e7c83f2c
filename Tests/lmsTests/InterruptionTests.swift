import Foundation
import LMStudioCore
import LMStudioServer
import LMStudioTesting
import Testing

/// Work on a server that ends before it is done, and of which nothing may be left there.
@Suite(.timeLimit(.minutes(10))) struct InterruptionTests {
    private let lms: CommandLineTool

    init() throws {
        lms = try CommandLineTool()
    }

    @Test(arguments: [[], ["--json"]])
    func ctrlCEndsAPrediction(options: [String]) async throws {
        var script = ScriptedHost.Script()
        script.ending = .stopped
        let host = ScriptedHost(script: script)
        try await LMStudioServer.with(host) { server async throws in
            let run = try await lms.run(
                ["complete", "--host", server.addresses[0], "hello"] + options
            ) { process in
                await host.wait { !$0.predictions.isEmpty }
                kill(process, SIGINT)
            }
            #expect(run.status == 130)
            #expect(run.errors == "")
            await host.wait { $0.stops == 1 }
        }
    }

    @Test(arguments: [
        ["load", "m"], ["load", "--estimate-only", "m"], ["complete", "--model", "m", "hello"],
    ])
    func ctrlCEndsALoad(command: [String]) async throws {
        var script = ScriptedHost.Script()
        script.loadWaits = true
        let host = ScriptedHost(script: script)
        try await LMStudioServer.with(host) { server async throws in
            let run = try await lms.run(command + ["--host", server.addresses[0]]) { process in
                await host.wait { !$0.loads.isEmpty }
                kill(process, SIGINT)
            }
            #expect(run.status == 130)
            #expect(run.output == "")
            await host.wait { $0.cancelledLoads == 1 }
        }
    }

    /// As in `lms complete | head`, where the reader ends first.
    @Test func withoutAReaderAPredictionEnds() async throws {
        var script = ScriptedHost.Script()
        script.ending = .stopped
        let host = ScriptedHost(script: script)
        try await LMStudioServer.with(host) { server async throws in
            let run = try await lms.run(
                shell: """
                    mkfifo gate
                    {
                        read -r line < gate
                        "$0" complete --host \(server.addresses[0]) hello
                        echo $? >&2
                    } | {
                        exec <&-
                        echo > gate
                    }
                    """
            )
            #expect(run.errors == "\(128 + SIGPIPE)\n")
            await host.wait { $0.stops == 1 }
        }
    }
}
