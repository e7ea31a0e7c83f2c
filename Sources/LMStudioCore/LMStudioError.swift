/// The one error type: what failed, with which value, and what to try.
///
/// Every public function of this package throws this type and no other.
public struct LMStudioError: Error, Sendable {
    /// What kind of failure it is; the raw value is the status of the C interface.
    ///
    /// The set is open: new codes may come, so a `switch` over them needs a `default`.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// The C status, negative.
        public let rawValue: Int32

        /// Makes a code of a C status.
        public init(rawValue: Int32) {
            self.rawValue = rawValue
        }

        /// A value the function does not take; nothing was done.
        public static let invalidArgument = Code(rawValue: -1)
        /// Not possible now: closed, unloaded, forked, finished.
        public static let invalidState = Code(rawValue: -2)
        /// The server cannot be reached, or went away.
        public static let connection = Code(rawValue: -3)
        /// The server answered with an error.
        public static let server = Code(rawValue: -4)
        /// No model of that name; the message lists near ones.
        public static let modelNotFound = Code(rawValue: -5)
        /// No preset of that name.
        public static let presetNotFound = Code(rawValue: -6)
        /// Nothing came in time.
        public static let timedOut = Code(rawValue: -7)
        /// Somebody cancelled, closed or freed it.
        public static let cancelled = Code(rawValue: -8)
        /// Out of memory, corrupt model file or failed computation.
        public static let engine = Code(rawValue: -9)
        /// A known option or call that this version cannot do.
        public static let unsupported = Code(rawValue: -10)
        /// The server gave up in the middle of a prediction.
        public static let prediction = Code(rawValue: -11)
        /// A bug in this package.
        public static let `internal` = Code(rawValue: -99)
    }

    /// What kind of failure it is.
    public let code: Code
    /// What failed, with which value, and what to try; for people, in English.
    public let message: String
    /// The error that led to this one, if any.
    public let underlyingError: (any Error)?
    /// What a server said of the failure, or would say of it; `nil` for most failures on this side.
    public let details: LMStudioErrorDetails?

    /// Makes an error.
    public init(
        _ code: Code,
        _ message: String,
        details: LMStudioErrorDetails? = nil,
        underlyingError: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.details = details
        self.underlyingError = underlyingError
    }

    /// The same error of one of several, which the prefix names: `prompts[3]: `.
    package func prefixed(_ name: String) -> LMStudioError {
        LMStudioError(code, name + message, details: details, underlyingError: underlyingError)
    }

    /// The error itself where it is one of ours, otherwise one that wraps it.
    package init(wrapping error: any Error) {
        switch error {
        case let error as LMStudioError: self = error
        case is CancellationError: self.init(.cancelled, "the task was cancelled")
        default: self.init(.internal, "\(error)", underlyingError: error)
        }
    }
}

extension LMStudioError: CustomStringConvertible {
    /// The message, followed by that of the underlying error.
    public var description: String {
        guard let underlyingError else { return message }
        return "\(message): \(underlyingError)"
    }
}
