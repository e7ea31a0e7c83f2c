import Foundation
import LMStudioTesting
import Testing

extension CABITests {
    /// The examples, built as their readers build them: against an installed library.
    @Suite struct ExampleTests {
        /// Exit status and output of each example.
        private func results() async throws -> [(name: String, run: Subprocess)] {
            let prefix = try TemporaryDirectory()
            let installed = try await Subprocess.run(
                ["make", "install", "PREFIX=\(prefix.path)"],
                environment: ["MAKEFLAGS": nil, "MAKELEVEL": nil, "MFLAGS": nil, "DESTDIR": nil],
                in: Repository.path
            )
            #expect(installed.status == 0, "\(installed.errors)")
            let licenses = prefix.path + "/share/licenses/lmstudio/LICENSES.txt"
            #expect(try String(contentsOfFile: licenses, encoding: .utf8).contains("llama.cpp"))
            let flags = try await Subprocess.run(
                ["pkg-config", "--cflags", "--libs", "lmstudio"],
                environment: ["PKG_CONFIG_PATH": prefix.path + "/lib/pkgconfig"]
            )
            #expect(flags.status == 0, "\(flags.errors)")
            var results: [(name: String, run: Subprocess)] = []
            for (name, compiler) in [
                ("complete.c", ["cc", "-std=c11"]), ("complete.cpp", ["c++", "-std=c++17"]),
            ] {
                let program = prefix.path + "/" + name + ".out"
                let source = "\(Repository.path)/Tests/CABIHarness/examples/\(name)"
                let compiled = try await Subprocess.run(
                    compiler + ["-Wall", "-Wextra", "-Werror", "-pedantic", source, "-o", program]
                        + flags.output.split(whereSeparator: \.isWhitespace).map(String.init)
                        + ["-Wl,-rpath,\(prefix.path)/lib"]
                )
                #expect(compiled.status == 0, "\(compiled.errors)")
                let config = #"{"temperature": 0, "maxTokens": 24}"#
                let run = try await Subprocess.run(
                    [program, "My name is", config],
                    environment: ["LMSTUDIO_HOST": "local:"]
                )
                results.append((name, run))
            }
            return results
        }

        @Test func examplesPrintTheSameTextTheProgressAndTheStatistics() async throws {
            let results = try await results()
            for (name, run) in results {
                #expect(run.status == 0, "\(name): \(run.errors)")
                #expect(run.errors.contains("prompt 100 %"), "\(name)")
                #expect(run.errors.contains("predicted tokens     24"), "\(name)")
                #expect(run.errors.contains("stop reason          maxPredictedTokensReached"))
                #expect(run.errors.contains("tokens per second"), "\(name)")
            }
            #expect(Set(results.map(\.run.output)).count == 1)
            #expect(results.first.map { $0.run.output.count > 20 } == true)
        }
    }
}
