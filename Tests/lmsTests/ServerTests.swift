import Foundation
import LMStudioTesting
import Testing

@Suite(.serialized) struct ServerTests {
    private let lms: CommandLineTool

    init() throws {
        lms = try CommandLineTool()
    }

    private func identifiers(at server: RunningServer) async throws -> [String] {
        let run = try await lms.run("ps", "--json", "--host", server.address)
        let instances = try JSONSerialization.jsonObject(with: Data(run.output.utf8))
        return (instances as? [[String: Any]] ?? []).compactMap { $0["identifier"] as? String }
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func aSignalEndsItInOrder(signal: Int32) async throws {
        let server = try await lms.startServer()
        #expect(await server.end(with: signal) == 0)
    }

    @Test func aSignalEndsItInMidStream() async throws {
        let server = try await lms.startServer("--load", "tiny-one")
        async let run = lms.run("complete", "--host", server.address, "--stats", "hello")
        while try await lms.run("ps", "--host", server.address).output.contains("idle") {}
        #expect(await server.end(with: SIGTERM) == 0)
        _ = try await run
    }

    @Test func statusAndStopFindIt() async throws {
        let server = try await lms.startServer()
        let status = try await lms.run("server", "status")
        #expect(status.output.contains("running on \(server.address)"))
        let stop = try await lms.run("server", "stop", "--port", "\(server.port)")
        #expect(stop.output == "stopped \(server.address)\n")
        #expect(await server.status() == 0)
        let again = try await lms.run("server", "stop")
        #expect(again.status == 1)
        #expect(again.errors.hasPrefix("error: no server runs"))
    }

    @Test func aKilledServerIsNotTakenForARunningOne() async throws {
        let server = try await lms.startServer()
        _ = await server.end(with: SIGKILL)
        let status = try await lms.run("server", "status")
        #expect(!status.output.contains(server.address))
    }

    @Test func severalServersAreToldApart() async throws {
        let (first, second) = (try await lms.startServer(), try await lms.startServer())
        let stop = try await lms.run("server", "stop")
        #expect(stop.status == 1)
        #expect(stop.errors.contains("\(first.port)") && stop.errors.contains("\(second.port)"))
        #expect(await first.end(with: SIGTERM) == 0)
        #expect(try await lms.run("server", "stop").status == 0)
        #expect(await second.status() == 0)
    }

    @Test func aTakenPortIsAClearError() async throws {
        let server = try await lms.startServer()
        let run = try await lms.run(
            "server",
            "start",
            "--port",
            "\(server.port)",
            "--no-sdk-port"
        )
        #expect(run.status == 1)
        #expect(run.errors.hasPrefix("error: port \(server.port)"))
    }

    @Test(arguments: [
        (["--models-dir", "/nowhere"], "error: \"/nowhere\" is no directory"),
        (["--cors", "nonsense"], "error: \"nonsense\" is no origin"),
    ])
    func whatCannotBeServedIsRefused(options: [String], error: String) async throws {
        let run = try await lms.run(["server", "start", "--port", "0", "--no-sdk-port"] + options)
        #expect(run.status == 1)
        #expect(run.errors.hasPrefix(error), "\(run.errors)")
    }

    @Test func modelsAreLoadedUnderTheNamesThatFollowThem() async throws {
        let server = try await lms.startServer(
            "--load",
            "tiny-one",
            "--load=tiny-two",
            "--identifier",
            "second"
        )
        #expect(try await identifiers(at: server) == ["tiny-one", "second"])
    }

    @Test func aNameWithoutAModelIsRefused() async throws {
        let run = try await lms.run("server", "start", "--identifier", "mine", "--load", "tiny-one")
        #expect(run.status == 1)
        #expect(run.errors.contains("--identifier"))
    }

    @Test func modelsAreLoadedAndUnloaded() async throws {
        let server = try await lms.startServer()
        let host = ["--host", server.address]
        let load = try await lms.run(
            ["load", "tiny-one", "--identifier", "mine", "--ttl", "60"] + host
        )
        #expect(load.output == "mine\n")
        let taken = try await lms.run(["load", "tiny-two", "--identifier", "mine"] + host)
        #expect(taken.status == 1)
        #expect(taken.errors.contains("already exists"))
        _ = try await lms.run(["load", "tiny-two"] + host)
        let table = try await lms.run(["ps"] + host).output
        #expect(table.contains("mine") && table.contains("60 s") && table.contains("tiny-two"))
        #expect(try await lms.run(["unload"] + host).errors.contains("2 models are loaded"))
        let wrong = try await lms.run(["unload", "other"] + host)
        let reason = #"no loaded model is called "other"; loaded: "mine", "tiny-two""#
        #expect(wrong.errors == "error: \(reason)\n")
        #expect(try await lms.run(["unload", "mine"] + host).output == "mine\n")
        #expect(try await lms.run(["unload", "--all"] + host).output == "tiny-two\n")
        #expect(try await identifiers(at: server) == [])
    }

    @Test func modelsOfBothKindsAreLoadedAndShown() async throws {
        try lms.addEncoder()
        let server = try await lms.startServer("--load", "tiny-one", "--load", "encoder")
        let host = ["--host", server.address]
        let load = try await lms.run(["load", "encoder", "--identifier", "second"] + host)
        #expect(load.output == "second\n")
        let names = ["tiny-one", "text-embedding-encoder", "second"]
        #expect(try await identifiers(at: server) == names)
        #expect(try await lms.run(["unload", "second"] + host).output == "second\n")
    }

    @Test(arguments: ["tiny-one", "encoder"])
    func anEstimateLoadsNothing(key: String) async throws {
        try lms.addEncoder()
        let server = try await lms.startServer()
        for host in [server.address, lms.local] {
            let run = try await lms.run("load", key, "--estimate-only", "--host", host)
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.output.contains("together"))
        }
        #expect(try await identifiers(at: server) == [])
    }

    @Test func aServerWritesWhatThisProcessWould() async throws {
        let server = try await lms.startServer()
        let options = [
            "complete", "--model", "tiny-two", "--temperature", "0", "--max-tokens", "16", "hello",
        ]
        let there = try await lms.run(options + ["--host", server.address])
        let here = try await lms.run(options + ["--host", lms.local])
        #expect(there.output == here.output)
        #expect(there.status == 0)
    }

    @Test func aLineThatIsNoTokenIsNamedAndNotRepeated() async throws {
        let file = try lms.write("# mine\n\nsk-lm-secret\n", to: "tokens")
        let run = try await lms.run("server", "start", "--port", "0", "--api-token-file", file)
        #expect(run.status == 1)
        #expect(run.errors.hasPrefix("error: \(file), line 3: the API token is not of the form"))
        #expect(!run.errors.contains("secret"))
    }

    @Test func aFileWithoutATokenIsRefused() async throws {
        let file = try lms.write("\n# nothing\n", to: "tokens")
        let run = try await lms.run("server", "start", "--port", "0", "--api-token-file", file)
        #expect(run.status == 1)
        #expect(run.errors.contains("no token"))
    }
}
