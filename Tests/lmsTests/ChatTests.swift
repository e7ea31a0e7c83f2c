import Foundation
import LMStudioTesting
import Testing

@Suite struct ChatTests {
    private let lms: CommandLineTool
    private let options: [String]

    init() throws {
        lms = try CommandLineTool()
        options = [
            "chat", "tiny-one", "--host", lms.local, "--temperature", "0", "--max-tokens", "8",
        ]
    }

    @Test func aMessageIsAnswered() async throws {
        let run = try await lms.run(options + ["-p", "hello"])
        #expect(run.status == 0)
        #expect(run.errors == "")
        #expect(run.output.count > 1 && run.output.hasSuffix("\n"))
    }

    @Test func promptAndStandardInputAreOneMessage() async throws {
        let given = try await lms.run(options + ["-p", "hello\n\nthere", "-s", "Be brief."])
        let read = try await lms.run(
            options + ["-p", "hello", "-s", "Be brief."],
            input: "there\n"
        )
        #expect(read.status == 0)
        #expect(read.output == given.output)
        let other = try await lms.run(options + ["-p", "hello\n\nthere"])
        #expect(other.output != given.output)
    }

    @Test func furtherOptionsAreJSONOrAFile() async throws {
        let grammar = #"{"structured": {"type": "gbnf", "gbnfGrammar": "root ::= \"hello\""}}"#
        let run = try await lms.run(options + ["-p", "hi", "--config", grammar])
        #expect(run.output == "hello\n")
        let file = try lms.write(grammar, to: "options.json")
        #expect(
            try await lms.run(options + ["-p", "hi", "--config", file]).output == "hello\n"
        )
        let load = try await lms.run(
            options + ["-p", "hi", "--json", "--load-config", #"{"evalBatchSize": 32}"#]
        )
        #expect(load.output.contains(#""evalBatchSize":32"#))
    }

    @Test(arguments: [
        (["--config", "{"], "--config"), (["--config", "no-such-file"], "no-such-file"),
        (["--config", #"{"topKSampling": "x"}"#], "topKSampling"),
        (["--load-config", #"{"contextLength": 0}"#], "contextLength"),
        (["--load-config", "[]"], "must be a JSON object, not []"),
        (["--config", "5"], "--config takes a JSON object, or a file"),
        (["--image", "no-such-image"], "no-such-image"), (["--ttl", "0"], "--ttl"),
        (["--ttl", "0.0001"], "at least 0.001"), (["--ttl", "-1"], "not -1.0"),
        (
            ["--seed", "-1"],
            "'-1' is invalid for '--seed <seed>': Seed of the random draw, 0…42949"
        ),
        (["--gpu", "2"], "'2' is invalid for '--gpu <gpu>': Share of the layers on the GPU: 0…1"),
        (["--temperature", "-1"], "temperature must be"),
        (["--host", "local:/nowhere"], "\"/nowhere\" is no directory"),
    ])
    func failuresAreOneLine(arguments: [String], reason: String) async throws {
        let run = try await lms.run(options + ["-p", "hi"] + arguments)
        #expect(run.status == 1)
        #expect(run.output == "")
        #expect(run.errors.hasPrefix("error: ") && run.errors.contains(reason))
        #expect(run.errors.filter { $0 == "\n" }.count == 1)
    }

    @Test func aMessageMayBeginWithADash() async throws {
        let run = try await lms.run(options + ["-p", "-5 + 1", "--stop", "- "])
        #expect(run.status == 0, "\(run.errors)")
    }

    @Test func nothingToAnswerIsAnError() async throws {
        let run = try await lms.run(options, input: "\n")
        #expect(run.status == 1)
        #expect(run.errors.contains("--prompt"))
        let empty = try await lms.run(
            shell: "\"$0\" chat tiny-one --host \(lms.local) -p '' < /dev/null"
        )
        #expect(empty.status == 1)
        #expect(empty.errors.contains("--prompt is empty"))
    }

    @Test func misspeltOptionsAreWarnedOf() async throws {
        let run = try await lms.run(options + ["-p", "hi", "--config", #"{"temprature": 0}"#])
        #expect(run.status == 0)
        #expect(run.errors.hasPrefix("warning: ") && run.errors.contains("temperature"))
    }
}
