import Foundation
import LMStudioTesting
import Testing

@Suite struct CompleteTests {
    private let lms: CommandLineTool

    init() throws {
        lms = try CommandLineTool()
    }

    @Test func theTextAloneGoesToStandardOutput() async throws {
        let run = try await lms.run(
            "complete",
            "--host",
            lms.local,
            "--model",
            "tiny-one",
            "--temperature",
            "0",
            "--max-tokens",
            "8",
            "hello"
        )
        #expect(run.status == 0)
        #expect(run.errors == "")
        #expect(run.output.hasSuffix("\n"))
        #expect(run.output.count > 1)
    }

    @Test(arguments: [[], ["-"]])
    func standardInputIsAPromptToo(prompt: [String]) async throws {
        let options = [
            "complete", "--host", lms.local, "--model", "tiny-one", "--temperature", "0",
            "--max-tokens", "8",
        ]
        let given = try await lms.run(options + ["hello"])
        let read = try await lms.run(options + prompt, input: "hello\n")
        #expect(read.status == 0)
        #expect(read.output == given.output)
    }

    @Test(arguments: ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
    func standardStreamsMayBeClosed(redirection: String) async throws {
        let run = try await lms.run(
            shell:
                "\"$0\" complete --host \(lms.local) --model tiny-one --max-tokens 8 hello \(redirection)"
        )
        #expect(run.status == 0)
        #expect(run.errors == "")
    }

    @Test func standardInputMustBeUTF8() async throws {
        let run = try await lms.run(
            shell: "printf 'a\\377' | \"$0\" complete --host \(lms.local) --model tiny-one"
        )
        #expect(run.status == 1)
        #expect(run.errors == "error: standard input is not valid UTF-8\n")
    }

    @Test func jsonHoldsTheWholeResult() async throws {
        let run = try await lms.run(
            "complete",
            "--host",
            lms.local,
            "--model",
            "tiny-one",
            "--max-tokens",
            "5",
            "--seed",
            "1",
            "--json",
            "hello"
        )
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any]
        )
        #expect((object["content"] as? String)?.isEmpty == false)
        #expect((object["stats"] as? [String: Any])?["predictedTokensCount"] as? Int == 5)
        #expect((object["modelInfo"] as? [String: Any])?["modelKey"] as? String == "tiny-one")
        #expect((object["predictionConfig"] as? [String: Any])?["seed"] as? Int == 1)
        #expect(run.errors == "")
    }

    @Test func statisticsGoToStandardError() async throws {
        let run = try await lms.run(
            "complete",
            "--host",
            lms.local,
            "--model",
            "tiny-one",
            "--max-tokens",
            "5",
            "--stats",
            "hello"
        )
        #expect(run.errors.contains("predicted 5 tokens"))
        #expect(run.errors.contains("maxPredictedTokensReached"))
    }

    @Test(arguments: [
        (["--model", "no-such", "hello"], "no-such"),
        (["--max-tokens", "0", "hello"], "maxTokens"),
        (["--max-tokens", "many", "hello"], "many"), ([""], "prompt"),
    ])
    func failuresAreOneLine(arguments: [String], reason: String) async throws {
        let model = arguments.contains("--model") ? [] : ["--model", "tiny-one"]
        let run = try await lms.run(["complete", "--host", lms.local] + model + arguments)
        #expect(run.status == 1)
        #expect(run.output == "")
        #expect(run.errors.hasPrefix("error: "))
        #expect(run.errors.contains(reason))
        #expect(run.errors.filter { $0 == "\n" }.count == 1)
    }
}
