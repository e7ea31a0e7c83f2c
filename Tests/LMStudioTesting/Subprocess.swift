import Foundation

/// A program that a test runs, and what it said.
package struct Subprocess: Sendable {
    /// Its exit status; the number of the signal that ended it, as a negative number.
    package let status: Int32
    /// What it wrote to standard output.
    package let output: String
    /// What it wrote to standard error.
    package let errors: String

    /// Runs a program to its end, without holding up the thread.
    ///
    /// - Parameters:
    ///   - command: program, found through `PATH` unless it is a path, and arguments.
    ///   - environment: what differs from this process's environment; `nil` takes a variable out.
    ///   - directory: where it runs; `nil`: where this process does.
    ///   - input: what it reads from standard input.
    ///   - started: called with its number once it runs.
    /// - Returns: the program after its end.
    /// - Throws: what kept it from being started, or its output from being read.
    package static func run(
        _ command: [String],
        environment: [String: String?] = [:],
        in directory: String? = nil,
        input: String = "",
        started: @escaping @Sendable (Int32) async -> Void = { _ in }
    ) async throws -> Subprocess {
        let files = try TemporaryDirectory()
        let input = try files.write(Array(input.utf8), to: "in")
        let (output, errors) = (try files.write([], to: "out"), try files.write([], to: "err"))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        process.environment = ProcessInfo.processInfo.environment.merging(
            environment.compactMapValues { $0 }
        ) { $1 }
        for (name, value) in environment where value == nil {
            process.environment?.removeValue(forKey: name)
        }
        if let directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
        process.standardInput = FileHandle(forReadingAtPath: input)
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = FileHandle(forWritingAtPath: errors)
        try await withCheckedThrowingContinuation { (ended: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in ended.resume() }
            do {
                try process.run()
                let number = process.processIdentifier
                Task { await started(number) }
            } catch {
                process.terminationHandler = nil
                ended.resume(throwing: error)
            }
        }
        return Subprocess(
            status: process.terminationReason == .exit
                ? process.terminationStatus : -process.terminationStatus,
            output: try String(contentsOfFile: output, encoding: .utf8),
            errors: try String(contentsOfFile: errors, encoding: .utf8)
        )
    }
}

/// This repository.
package enum Repository {
    /// Its absolute path, without a slash at its end.
    package static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path
}
