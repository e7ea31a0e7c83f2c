import Foundation
import LMStudioTesting
import Testing

/// What somebody at a terminal sees on the way.
@Suite struct ProgressTests {
    private let lms: CommandLineTool

    init() throws {
        lms = try CommandLineTool()
    }

    private static let clearing = "\r\u{1b}[K"
    private static let full = String(repeating: "█", count: 30) + " 100 %"

    @Test func barsShowTheLoadAndThePromptAndGo() async throws {
        let shown = try await lms.runAtTerminal(
            "complete",
            "--host",
            lms.local,
            "--model",
            "tiny-one",
            "--temperature",
            "0",
            "--max-tokens",
            "8",
            String(repeating: "hello ", count: 100)
        )
        let parts = shown.split(separator: Self.clearing, omittingEmptySubsequences: false)
        try #require(parts.count == 3)
        #expect(parts[0].hasPrefix("\rLoading tiny-one ░░░"))
        #expect(parts[0].hasSuffix(Self.full))
        #expect(parts[1].hasPrefix("\rReading the prompt ░░░"))
        #expect(parts[1].hasSuffix(Self.full))
        // The answer is on a line of its own.
        #expect(!parts[2].contains("█"))
        #expect(parts[2].count > 2 && parts[2].hasSuffix("\r\n"))
    }

    @Test func aLoadShowsItsBar() async throws {
        let server = try await lms.startServer()
        let shown = try await lms.runAtTerminal("load", "tiny-two", "--host", server.address)
        #expect(shown.hasPrefix("\rLoading tiny-two "))
        #expect(shown.hasSuffix("\(Self.full)\(Self.clearing)tiny-two\r\n"))
        #expect(await server.end(with: SIGTERM) == 0)
    }

    @Test func jsonComesWithoutBars() async throws {
        let shown = try await lms.runAtTerminal(
            "complete",
            "--host",
            lms.local,
            "--model",
            "tiny-one",
            "--max-tokens",
            "2",
            "--json",
            "hello"
        )
        #expect(shown.hasPrefix("{"))
        #expect(!shown.contains("█") && !shown.contains("Loading"))
    }
}
