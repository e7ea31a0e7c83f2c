import Foundation

/// A terminal that a program writes to.
struct Terminal {
    /// What a user in front of it reads.
    private let user: FileHandle
    /// What the program has.
    private let program: FileHandle

    struct Missing: Error {}

    init() throws {
        var (user, program): (Int32, Int32) = (-1, -1)
        guard openpty(&user, &program, nil, nil, nil) == 0 else { throw Missing() }
        for descriptor in [user, program] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        self.user = FileHandle(fileDescriptor: user, closeOnDealloc: true)
        self.program = FileHandle(fileDescriptor: program, closeOnDealloc: true)
    }

    /// Runs a program that writes here, and gives what it wrote.
    func run(
        _ path: String,
        _ arguments: [String],
        environment: [String: String]
    ) async throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = program
        process.standardError = program
        try process.run()
        // The end comes when nobody has it any more.
        try program.close()
        let bytes = await withCheckedContinuation { (read: CheckedContinuation<[UInt8], Never>) in
            DispatchQueue.global().async { read.resume(returning: all()) }
        }
        process.waitUntilExit()
        return String(decoding: bytes, as: UTF8.self)
    }

    private func all() -> [UInt8] {
        var (all, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 4096))
        while true {
            let count = read(user.fileDescriptor, &buffer, buffer.count)
            // Linux says EIO where others say that nothing more comes.
            guard count > 0 else { return all }
            all += buffer.prefix(count)
        }
    }
}
