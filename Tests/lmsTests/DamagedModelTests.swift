import Foundation
import LMStudioTesting
import Testing

/// Damage that no check sees: llama.cpp may refuse such a model or write nonsense, but ends no process.
@Suite(.serialized) struct DamagedModelTests {
    private static let sound = TinyModel().bytes()
    private static let header = TinyModel().writer().header().count

    /// Runs damaged models, each in a program that must end by itself.
    private func run(
        _ seed: Int,
        _ damage: (inout [UInt8], inout RandomNumbers) -> Void
    ) async throws {
        let lms = try CommandLineTool()
        var random = RandomNumbers(state: UInt64(seed))
        for _ in 0..<8 {
            var bytes = Self.sound
            damage(&bytes, &random)
            let path = try lms.write(bytes, to: "damaged/damaged/damaged.gguf")
            let run = try await lms.run(
                "complete",
                "--host",
                lms.local,
                "--model",
                path,
                "--max-tokens",
                "4",
                "hello"
            )
            #expect([0, 1].contains(run.status), "\(run.errors)")
            #expect(run.status == 0 || run.errors.hasPrefix("error: "))
        }
    }

    @Test(arguments: 0..<16)
    func flippedBitsOfAHeaderEndNoProcess(_ seed: Int) async throws {
        try await run(seed) { bytes, random in
            // What is not the vocabulary is at the beginning and at the end.
            let place = Int.random(in: -1_500..<1_000, using: &random)
            let index = place < 0 ? Self.header + place : place
            bytes[index] ^= 1 << UInt8.random(in: 0...7, using: &random)
        }
    }

    @Test(arguments: 0..<2)
    func flippedBitsOfWeightsEndNoProcess(_ seed: Int) async throws {
        try await run(seed) { bytes, random in
            for _ in 0..<1_000 {
                let place = Int.random(in: (Self.header + 32)..<bytes.count, using: &random)
                bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
            }
        }
    }
}

/// The same numbers for the same beginning.
private struct RandomNumbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
