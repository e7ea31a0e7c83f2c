import LMStudioCore
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The handles that C callers hold, by numbers that look like pointers.
///
/// A number is never used twice, so that a freed handle, one of another type and a stray pointer are
/// all found out. The cost is a lock and a look-up per call, about 50 ns.
enum Handles {
    private struct State: ~Copyable {
        var objects: [UInt: any Sendable & AnyObject] = [:]
        var next: UInt = 1
    }

    private static let state = Mutex(State())
    private static let forkFlag = Atomic<Bool>(false)

    /// Whether this is the child of a process that had used the library.
    ///
    /// In a child only the forking thread lives on: the engine's and Swift's threads are gone, and
    /// whatever lock they held stays locked. So nothing but this and `forked` is touched there.
    static var isForked: Bool { forkFlag.load(ordering: .relaxed) }

    /// The one error of a forked child, made before the fork.
    static let forked = ErrorHandle(
        LMStudioError(
            .invalidState,
            "this process was forked after the library was used, and its threads are gone; "
                + "start workers with \"spawn\", or fork before the first use"
        )
    )

    /// Its number, which no handle in the table has.
    static var forkedError: OpaquePointer? { OpaquePointer(bitPattern: UInt.max & ~15) }

    private static let forkWatch: Void = {
        _ = forked
        pthread_atfork(nil, nil) { Handles.forkFlag.store(true, ordering: .relaxed) }
    }()

    static var count: Int {
        isForked ? 0 : state.withLock { $0.objects.count }
    }

    /// Throws in a forked child; otherwise sees to it that children of this process know that they are.
    static func checkProcess() throws(LMStudioError) {
        // The message is `forked`'s; this one is made only to be thrown.
        if isForked { throw LMStudioError(.invalidState, "") }
        _ = forkWatch
    }

    /// Registers an object and gives its number.
    static func add(_ object: some Sendable & AnyObject) -> OpaquePointer? {
        _ = forkWatch
        return state.withLock { state in
            let number = state.next
            state.next += 1
            state.objects[number] = object
            // Multiples of 16, as real allocations are.
            return OpaquePointer(bitPattern: number << 4)
        }
    }

    /// The object of a number.
    ///
    /// - Throws: `.invalidArgument` if it is NULL, freed or of another type; `.invalidState` after a fork.
    static func borrow<Object: Sendable & AnyObject>(
        _ pointer: OpaquePointer?,
        as type: Object.Type,
        _ name: String
    ) throws(LMStudioError) -> Object {
        try checkProcess()
        guard let pointer else { throw LMStudioError(.invalidArgument, "\(name) is NULL") }
        guard let number = number(pointer),
            let object = state.withLock({ $0.objects[number] }) as? Object
        else {
            throw LMStudioError(
                .invalidArgument,
                "\(name) is not a live handle of its type; it may have been freed"
            )
        }
        return object
    }

    /// The object of a number, or `nil` instead of an error.
    static func find<Object: Sendable & AnyObject>(
        _ pointer: OpaquePointer?,
        as type: Object.Type
    ) -> Object? {
        try? borrow(pointer, as: type, "")
    }

    /// Forgets a number and returns what it stood for; `nil` if it is not one of that type.
    static func remove<Object: Sendable & AnyObject>(
        _ pointer: OpaquePointer?,
        as type: Object.Type
    ) -> Object? {
        guard let pointer, let number = number(pointer), find(pointer, as: type) != nil else {
            return nil
        }
        return state.withLock { $0.objects.removeValue(forKey: number) } as? Object
    }

    private static func number(_ pointer: OpaquePointer) -> UInt? {
        let bits = UInt(bitPattern: pointer)
        return bits & 15 == 0 ? bits >> 4 : nil
    }
}
