#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// An error of the operating system's.
package enum SystemError {
    /// Its words for an error number (`errno`): `No such file or directory`.
    package static func words(_ number: Int32) -> String {
        String(cString: strerror(number))
    }
}
