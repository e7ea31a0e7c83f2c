import LMStudioCore

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Starts threads of our own: inference runs for minutes and must not occupy a thread of Swift's pool.
enum EngineThread {
    /// llama.cpp's graph building recurses; macOS gives threads 512 KB unless asked for more.
    private static let stackBytes = 8 << 20

    /// Runs `body` on a new thread that ends with it.
    ///
    /// - Throws: `.engine` if the system has no thread left.
    static func start(_ body: @escaping @Sendable () -> Void) throws(LMStudioError) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, stackBytes)
        let status = create(&attributes, Body(body))
        guard status == 0 else {
            throw LMStudioError(
                .engine,
                "the system refused a new thread: \(SystemError.words(status))"
            )
        }
    }

    private static func create(_ attributes: inout pthread_attr_t, _ body: Body) -> Int32 {
        let box = Unmanaged.passRetained(body)
        #if canImport(Glibc)
        var thread = pthread_t()
        let status = pthread_create(&thread, &attributes, engineThreadMain, box.toOpaque())
        #else
        var thread: pthread_t?
        let status = pthread_create(&thread, &attributes, engineThreadMain, box.toOpaque())
        #endif
        if status != 0 { box.release() }
        return status
    }
}

private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

private func engineThreadMain(_ pointer: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let pointer else { return nil }
    // All signals go to the program's own threads: a Ctrl-C belongs to its main thread.
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_BLOCK, &all, nil)
    Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue().run()
    return nil
}
