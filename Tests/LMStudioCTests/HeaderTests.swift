import CABIHarness
import Foundation
import LMStudio
import LMStudioTesting
import Testing

extension CABITests {
    @Suite struct HeaderTests {
        private static let names =
            ["lmstudio.h"]
            + (FileManager.default.subpaths(atPath: Repository.path + "/include/lmstudio") ?? [])
            .filter { $0.hasSuffix(".h") }.sorted().map { "lmstudio/" + $0 }

        @Test(
            arguments: names,
            [["cc", "-std=c11", "-x", "c"], ["c++", "-std=c++17", "-x", "c++"]]
        )
        func headerCompilesAlone(name: String, compiler: [String]) async throws {
            let directory = try TemporaryDirectory()
            let source = try directory.write(Array("#include <\(name)>\n".utf8), to: "source")
            let compiled = try await Subprocess.run(
                compiler + [
                    "-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only",
                    "-I\(Repository.path)/include", source,
                ]
            )
            #expect(compiled.status == 0, "\(compiled.errors)")
        }

        @Test func umbrellaIncludesEveryHeader() throws {
            let umbrella = try String(
                contentsOfFile: Repository.path + "/include/lmstudio.h",
                encoding: .utf8
            )
            for name in Self.names.dropFirst() {
                #expect(umbrella.contains("#include \"\(name)\""))
            }
        }

        @Test(arguments: [
            ("LMS_ERROR_INVALID_ARGUMENT", LMStudioError.Code.invalidArgument),
            ("LMS_ERROR_STATE", .invalidState), ("LMS_ERROR_CONNECTION", .connection),
            ("LMS_ERROR_SERVER", .server), ("LMS_ERROR_MODEL_NOT_FOUND", .modelNotFound),
            ("LMS_ERROR_PRESET_NOT_FOUND", .presetNotFound), ("LMS_ERROR_TIMED_OUT", .timedOut),
            ("LMS_ERROR_CANCELLED", .cancelled), ("LMS_ERROR_ENGINE", .engine),
            ("LMS_ERROR_UNSUPPORTED", .unsupported), ("LMS_ERROR_PREDICTION", .prediction),
            ("LMS_ERROR_INTERNAL", .internal),
        ])
        func statusIsTheCodesRawValue(constant: String, code: LMStudioError.Code) {
            #expect(harness_status(constant) == code.rawValue)
        }

        @Test(arguments: [("LMS_OK", 0), ("LMS_END", 1), ("LMS_PENDING", 2)] as [(String, Int32)])
        func successIsNotNegative(constant: String, value: Int32) {
            #expect(harness_status(constant) == value)
        }

        @Test func everyStatusOfTheHeaderHasACode() throws {
            let header = try String(
                contentsOfFile: Repository.path + "/include/lmstudio/error.h",
                encoding: .utf8
            )
            let constants = header.matches(of: /#define (LMS_(?:OK|END|PENDING|ERROR_\w+))\s/)
            #expect(constants.count == 15)
            for constant in constants {
                #expect(harness_status(String(constant.1)) != .min, "\(constant.1)")
            }
        }
    }
}
