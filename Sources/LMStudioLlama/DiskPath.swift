#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Paths as text: nothing here looks at a file.
enum DiskPath {
    /// A path from the root, without `.`, empty parts and a slash at its end; `~` is the home directory.
    ///
    /// `..` is kept: what it means depends on symbolic links.
    static func absolute(_ path: String) -> String {
        var path = path
        if path == "~" || path.hasPrefix("~/") { path = home + path.dropFirst() }
        if !path.hasPrefix("/") { path = "\(workingDirectory)/\(path)" }
        return "/" + path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }

    /// A relative path without `.`, empty parts and `..`; `nil` if it leads out of where it begins.
    static func contained(_ path: String) -> String? {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part != ".." {
                parts.append(part)
            } else if parts.popLast() == nil {
                return nil
            }
        }
        return parts.joined(separator: "/")
    }

    /// What comes before the last slash; empty if there is none.
    static func parent(_ path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    }

    /// What comes after the last slash.
    static func name(_ path: String) -> String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }

    private static var home: String {
        if let home = getenv("HOME"), home.pointee != 0 { return String(cString: home) }
        guard let entry = getpwuid(getuid()), let directory = entry.pointee.pw_dir else {
            return ""
        }
        return String(cString: directory)
    }

    private static var workingDirectory: String {
        guard let buffer = getcwd(nil, 0) else { return "" }
        defer { free(buffer) }
        return String(cString: buffer)
    }
}
