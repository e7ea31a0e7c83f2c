#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The program's first three descriptors.
enum StandardStreams {
    /// Has those that are closed lead nowhere, before a model's file or a socket is given their number:
    /// what is meant for a terminal would be written there.
    static func keepPlaces() {
        for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) == -1 {
            // The lowest number that is free is this one.
            _ = open("/dev/null", O_RDWR)
        }
    }
}
