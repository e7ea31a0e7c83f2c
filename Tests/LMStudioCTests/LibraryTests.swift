import CABIHarness
import Foundation
import LMStudioTesting
import Testing

extension CABITests {
    /// What a release of the library promises; `make build` makes it.
    @Suite struct LibraryTests {
        private static let library = Repository.path + "/.build/lib/liblmstudio.so"

        /// The lines of `include/abi.txt`, without its notes.
        private static func ledger() throws -> [String] {
            try String(contentsOfFile: Repository.path + "/include/abi.txt", encoding: .utf8)
                .split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
        }

        private static func exportedNames() async throws -> [String] {
            let listed = try await Subprocess.run(["nm", "-D", "--defined-only", library])
            #expect(listed.status == 0, "\(listed.errors)")
            return listed.output.split(separator: "\n").compactMap { line in
                line.split(separator: " ").last.map(String.init)
            }
        }

        private static func declaredNames() throws -> [String] {
            let directory = Repository.path + "/include/lmstudio"
            let headers = try FileManager.default.contentsOfDirectory(atPath: directory)
            return try headers.flatMap { header in
                try String(contentsOfFile: "\(directory)/\(header)", encoding: .utf8)
                    .matches(of: /LMS_API\s[^(;]*?\b(lms_\w+)\s*\(/).map { String($0.1) }
            }
        }

        @Test func onlyNamesOfOurOwnAreExported() async throws {
            #expect(try await Self.exportedNames().filter { !$0.hasPrefix("lms_") } == [])
        }

        @Test func exportedNamesAreTheHeaders() async throws {
            #expect(try await Self.exportedNames().sorted() == Self.declaredNames().sorted())
        }

        @Test func declaredNamesAreTheLedgers() throws {
            let ledger = try Self.ledger().filter { $0.hasPrefix("lms_") }
            #expect(try Self.declaredNames().sorted() == ledger)
        }

        @Test func structsAreLaidOutAsInTheLedger() throws {
            let ledger = try Self.ledger().filter { !$0.hasPrefix("lms_") }
            #expect(
                ledger == String(cString: harness_layout()).split(separator: "\n").map(String.init)
            )
        }

        @Test func everyStructOfTheHeadersIsInTheLedger() throws {
            let directory = Repository.path + "/include/lmstudio"
            let declared = try FileManager.default.contentsOfDirectory(atPath: directory).flatMap {
                try String(contentsOfFile: "\(directory)/\($0)", encoding: .utf8)
                    .matches(of: /typedef struct (lms_\w+) \{/).map { String($0.1) }
            }
            let ledger = try Self.ledger().compactMap {
                try /struct (lms_\w+) .*/.wholeMatch(in: $0)
            }
            #expect(declared.sorted() == ledger.map { String($0.1) })
        }

        @Test func onlySystemLibrariesAreNeeded() async throws {
            let read = try await Subprocess.run(["readelf", "-d", Self.library])
            let needed = Set(read.output.matches(of: /\(NEEDED\).*\[(.+?)\]/).map { String($0.1) })
            let allowed: Set = [
                "libc.so.6", "libm.so.6", "libstdc++.so.6", "libgcc_s.so.1", "ld-linux-x86-64.so.2",
                "ld-linux-aarch64.so.1",
            ]
            #expect(needed.contains("libc.so.6"))
            #expect(needed.subtracting(allowed) == [])
        }

        @Test func nameIsVersioned() async throws {
            let read = try await Subprocess.run(["readelf", "-d", Self.library])
            #expect(read.output.contains("soname: [liblmstudio.so.0]"))
        }

        /// Most of it is llama.cpp, Swift's runtime, and BoringSSL.
        @Test func sizeIsAtMostTwentyMegabytes() throws {
            let file = URL(fileURLWithPath: Self.library).resolvingSymlinksInPath()
            let size = try file.resourceValues(forKeys: [.fileSizeKey]).fileSize
            #expect(try #require(size) <= 20_000_000)
        }
    }
}
