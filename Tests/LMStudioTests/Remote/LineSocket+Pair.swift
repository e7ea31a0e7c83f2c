import Testing

@testable import LMStudio

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension LineSocket {
    /// A socket to lend, and the descriptor of its other end.
    static func pair() -> (LineSocket, CInt) {
        var ends: [CInt] = [-1, -1]
        #if canImport(Glibc)
        let kind = CInt(SOCK_STREAM.rawValue)
        #else
        let kind = SOCK_STREAM
        #endif
        #expect(socketpair(AF_UNIX, kind, 0, &ends) == 0)
        return (LineSocket(descriptor: ends[0]), ends[1])
    }
}

extension RemoteHost {
    /// Returns when what the event loop did with the last answer is done.
    func settle() async {
        await Task(executorPreference: taskExecutor(beginsHere: false)) {}.value
    }
}
