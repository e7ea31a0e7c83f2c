import Foundation
import LMStudioTesting
import Testing

@Suite struct ListTests {
    private let lms: CommandLineTool

    init() throws {
        lms = try CommandLineTool()
    }

    @Test func whatCannotBeWrittenIsAFailure() async throws {
        let run = try await lms.run(shell: "\"$0\" ls --host \(lms.local) > /dev/full")
        #expect(run.status == 1)
        #expect(run.errors.hasPrefix("error: cannot write to standard output: No space left"))
    }

    @Test func anEmptyAddressIsNone() async throws {
        let run = try await lms.run(
            shell: "LMSTUDIO_HOST=\(lms.local) \"$0\" ls --host \"\""
        )
        #expect(run.output.contains("tiny-one"))
    }

    @Test(arguments: [
        ("LMSTUDIO_HOST=ftp://x", "LMSTUDIO_HOST: \"ftp://x\" is not an address: "),
        ("LM_API_TOKEN=secret", "LM_API_TOKEN: the API token is not of the form sk-lm-"),
        (
            "LMSTUDIO_API_TOKEN=secret",
            "LMSTUDIO_API_TOKEN: the API token is not of the form sk-lm-"
        ),
    ])
    func aVariableThatIsWrongIsNamed(variable: String, reason: String) async throws {
        let run = try await lms.run(shell: "\(variable) \"$0\" ls")
        #expect(run.status == 1)
        #expect(run.errors.hasPrefix("error: \(reason)"))
        #expect(!run.errors.contains("secret"))
    }

    @Test func modelsAreATable() async throws {
        let run = try await lms.run("ls", "--host", lms.local)
        let lines = run.output.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[0].hasPrefix("MODEL     TYPE"))
        #expect(lines[1].hasPrefix("tiny-one  llm"))
    }

    @Test(arguments: [(["--llm"], 2), (["--embedding"], 0), (["--llm", "--embedding"], 2)])
    func modelsAreJSON(filters: [String], count: Int) async throws {
        let run = try await lms.run(["ls", "--json", "--host", lms.local] + filters)
        let models = try JSONSerialization.jsonObject(with: Data(run.output.utf8))
        #expect((models as? [[String: Any]])?.count == count)
    }

    @Test(arguments: [["load", "tiny-one"], ["unload", "tiny-one"]])
    func whatWouldBeGoneAtOnceNeedsAServer(command: [String]) async throws {
        let run = try await lms.run(command + ["--host", lms.local])
        #expect(run.status == 1)
        #expect(run.errors.contains("lms server start"))
    }

    @Test(arguments: [["--ttl", "5"], ["--identifier", "x"]])
    func anEstimateTakesNoOptionsOfALoad(options: [String]) async throws {
        let run = try await lms.run(
            ["load", "tiny-one", "--estimate-only", "--host", lms.local] + options
        )
        #expect(run.status == 1)
        #expect(run.errors.contains("\(options[0]) has no effect"))
    }

    @Test func helpIsNoFailure() async throws {
        #expect(try await lms.run("--help").status == 0)
        #expect(try await lms.run("--version").output.split(separator: ".").count == 3)
    }
}
