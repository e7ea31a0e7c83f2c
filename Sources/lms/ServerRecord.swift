import LMStudio
import LMStudioWire

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What a running server leaves in the cache directory, for `lms server status` and `stop`.
///
/// The server holds a lock on its file as long as it lives. So a file without a lock is a dead
/// server's, whichever process has its number by now.
struct ServerRecord {
    /// The server's process.
    var processIdentifier: Int32
    /// The port that was asked for.
    var port: Int
    /// Where it listens, `127.0.0.1:1234`.
    var addresses: [String]

    /// As it is written.
    var json: JSONValue {
        .object([
            "pid": .integer(Int64(processIdentifier)),
            "port": .integer(Int64(port)),
            "addresses": .array(addresses.map { .string($0) }),
        ])
    }

    init(processIdentifier: Int32, port: Int, addresses: [String]) {
        self.processIdentifier = processIdentifier
        self.port = port
        self.addresses = addresses
    }

    private init?(text: String) {
        guard let members = (try? JSONValue(parsing: text, as: "the record"))?.members,
            case .integer(let pid)? = members["pid"], let pid = Int32(exactly: pid), pid > 0,
            case .integer(let port)? = members["port"],
            case .array(let addresses)? = members["addresses"]
        else { return nil }
        self.init(
            processIdentifier: pid,
            port: Int(port),
            addresses: addresses.compactMap(\.string)
        )
    }

    // MARK: Files

    /// `LMSTUDIO_CACHE_DIR`, else `lmstudio-swift` in `XDG_CACHE_HOME` or `~/.cache`.
    private static var directory: String {
        func variable(_ name: String) -> String? {
            getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
        }
        let home = variable("HOME") ?? "/tmp"
        let cache =
            variable("LMSTUDIO_CACHE_DIR")
            ?? "\(variable("XDG_CACHE_HOME") ?? home + "/.cache")/lmstudio-swift"
        return cache + "/servers"
    }

    private static func path(of processIdentifier: Int32) -> String {
        "\(directory)/\(processIdentifier).json"
    }

    /// Writes the record of this process and locks it, until the process ends.
    ///
    /// It gets its name last: whoever looks for records takes those away that are not locked.
    ///
    /// - Returns: whether that was possible; without it a server runs as well, and is not found.
    func keep() -> Bool {
        Self.makeDirectory()
        let path = Self.path(of: processIdentifier)
        let draft = path + ".new"
        let file = open(draft, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0, flock(file, LOCK_EX | LOCK_NB) == 0 else { return false }
        let text = Array(json.text.utf8)
        return write(file, text, text.count) == text.count && rename(draft, path) == 0
    }

    /// Takes the record away.
    func remove() {
        unlink(Self.path(of: processIdentifier))
    }

    private static func makeDirectory() {
        var path = ""
        for part in directory.split(separator: "/") {
            path += "/\(part)"
            mkdir(path, 0o700)
        }
    }

    /// The servers that run, by port; what dead ones left is taken away.
    static func all() -> [ServerRecord] {
        guard let listing = opendir(directory) else { return [] }
        defer { closedir(listing) }
        var records: [ServerRecord] = []
        while let entry = readdir(listing) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                let capacity = MemoryLayout.size(ofValue: pointer.pointee)
                return pointer.withMemoryRebound(to: CChar.self, capacity: capacity) {
                    String(cString: $0)
                }
            }
            guard name.hasSuffix(".json") else { continue }
            let path = "\(directory)/\(name)"
            if !isLocked(path) {
                unlink(path)
            } else if let text = try? Input.file(path), let record = ServerRecord(text: text) {
                records.append(record)
            }
        }
        return records.sorted { ($0.port, $0.processIdentifier) < ($1.port, $1.processIdentifier) }
    }

    /// Whether the server still lives.
    var isRunning: Bool { Self.isLocked(Self.path(of: processIdentifier)) }

    private static func isLocked(_ path: String) -> Bool {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        return flock(file, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }
}
