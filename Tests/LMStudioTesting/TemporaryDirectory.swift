import Foundation

/// A directory of its own for a test, removed with this object.
///
/// Keep it in a property of the suite, so that it lives as long as the test.
package final class TemporaryDirectory: Sendable {
    /// Its absolute path, without symbolic links and without a slash at its end.
    package let path: String

    /// Makes an empty directory.
    package init() throws {
        let parent = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
        path = parent.appendingPathComponent("lmstudio-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The absolute path of a file in it, whose directories are made.
    package func file(_ relative: String) throws -> String {
        let url = URL(fileURLWithPath: path).appendingPathComponent(relative)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        return url.path
    }

    /// Writes a file in it, whose directories are made.
    ///
    /// - Returns: the absolute path of the file.
    @discardableResult
    package func write(_ bytes: [UInt8], to relative: String) throws -> String {
        let path = try file(relative)
        // Neither through Data nor over the old file: both would wait for the disk each time.
        unlink(path)
        guard let file = fopen(path, "wb") else { throw CocoaError(.fileWriteUnknown) }
        let count = fwrite(bytes, 1, bytes.count, file)
        guard fclose(file) == 0, count == bytes.count else { throw CocoaError(.fileWriteUnknown) }
        return path
    }
}
