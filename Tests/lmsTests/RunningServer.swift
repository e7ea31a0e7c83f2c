import Foundation
import LMStudioTesting

/// An `lms server start` that listens, ended with this object.
final class RunningServer: @unchecked Sendable {
    // Set up before anybody else has it; Process may be used from any thread.
    private let process = Process()
    private let ended: AsyncStream<Void>

    /// What it wrote when it was ready.
    let announcement: [String: Any]

    /// `127.0.0.1:PORT`.
    var address: String { (announcement["addresses"] as? [String])?.first ?? "" }
    var port: Int { announcement["port"] as? Int ?? 0 }

    /// Starts it, and waits until it says where it listens.
    init(
        _ path: String,
        _ arguments: [String],
        environment: [String: String],
        log: String
    ) async throws {
        let output = Pipe()
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.environment?.removeValue(forKey: "LMSTUDIO_HOST")
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = FileHandle(forWritingAtPath: log)
        let (ended, continuation) = AsyncStream.makeStream(of: Void.self)
        self.ended = ended
        process.terminationHandler = { _ in continuation.finish() }
        try process.run()
        let handle = output.fileHandleForReading
        let line = await withCheckedContinuation { (ready: CheckedContinuation<Data, Never>) in
            DispatchQueue.global().async { ready.resume(returning: handle.availableData) }
        }
        guard let object = try? JSONSerialization.jsonObject(with: line) as? [String: Any] else {
            process.terminate()
            throw StartFailure(log: (try? String(contentsOfFile: log, encoding: .utf8)) ?? "")
        }
        announcement = object
    }

    struct StartFailure: Error {
        let log: String
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    /// Sends it a signal, waits for its end, and gives its exit status.
    func end(with signal: Int32) async -> Int32 {
        kill(process.processIdentifier, signal)
        return await status()
    }

    /// Waits for its end, and gives its exit status.
    func status() async -> Int32 {
        for await _ in ended {}
        return process.terminationStatus
    }
}
