import Foundation
import LMStudioTesting
import Testing

@Suite(.timeLimit(.minutes(10))) struct EmbedTests {
    private let lms: CommandLineTool

    init() throws {
        lms = try CommandLineTool()
        try lms.addEncoder()
    }

    private func vectors(_ run: Subprocess) throws -> [[Double]] {
        try run.output.split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [Double])
        }
    }

    @Test func eachTextIsALineOfNumbers() async throws {
        let options = ["embed", "--host", lms.local]
        let given = try await lms.run(options + ["a", "b"])
        #expect(given.status == 0)
        let vectors = try vectors(given)
        #expect(vectors.count == 2)
        for vector in vectors {
            #expect(abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 1e-3)
        }
        let read = try await lms.run(options, input: "a\nb\n")
        #expect(read.output == given.output)
        #expect(try await lms.run(options).output == "")
    }

    @Test func aLanguageModelIsRefused() async throws {
        let run = try await lms.run("embed", "--host", lms.local, "--model", "tiny-one", "a")
        #expect(run.status == 1)
        #expect(run.errors.contains("is a language model"))
    }

    @Test func aLineIsAnsweredBeforeTheNextOneComes() async throws {
        let run = try await lms.run(
            shell: """
                mkfifo gate
                {
                    echo a
                    read -r line < gate
                    printf 'b\\r\\n\\nc'
                } | "$0" embed --host \(lms.local) | {
                    read -r line
                    echo > gate
                    echo "$line"
                    cat
                }
                """
        )
        #expect(run.errors == "")
        let given = try await lms.run("embed", "--host", lms.local, "a", "b", "", "c")
        let (read, wanted) = (try vectors(run), try vectors(given))
        try #require(read.count == 4 && wanted.count == 4)
        // The rounding depends on what is computed at once.
        for (one, other) in zip(read.joined(), wanted.joined()) { #expect(abs(one - other) < 1e-4) }
    }

    @Test func linesOfAFileAreTakenInBatches() async throws {
        let words = (0..<1_100).map { "word \($0)" }
        let run = try await lms.run(
            ["embed", "--host", lms.local],
            input: words.joined(separator: "\n")
        )
        #expect(run.status == 0)
        #expect(try vectors(run).count == words.count)
    }

    @Test(arguments: [
        ("printf 'a\\n\\377\\n'", "line 2 of standard input is not valid UTF-8"),
        ("printf 'a\\nb %04096d\\n' 0", "lines 1…2 of standard input: texts[1] has "),
        ("printf '%04096d' 0", "line 1 of standard input: the text has "),
        ("head -c 134217729 /dev/zero", "line 1 of standard input has more than 128 MiB"),
    ])
    func aLineThatCannotBeReadIsNamed(input: String, reason: String) async throws {
        let run = try await lms.run(shell: "\(input) | \"$0\" embed --host \(lms.local)")
        #expect(run.status == 1)
        #expect(run.output == "")
        #expect(run.errors.hasPrefix("error: \(reason)"), "\(run.errors)")
    }

    @Test func ctrlCEndsTheWaitForALine() async throws {
        let run = try await lms.run(
            shell: """
                mkfifo gate
                "$0" embed --host \(lms.local) < gate > vector &
                exec 3> gate
                echo a >&3
                until [ -s vector ]; do kill -0 $! || exit 2; done
                kill -INT $!
                wait $!
                """
        )
        #expect(run.status == 130)
        #expect(run.errors == "")
    }
}
