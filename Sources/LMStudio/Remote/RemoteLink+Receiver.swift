import LMStudioCore
import LMStudioWire

extension RemoteLink {
    /// Gets what comes on a channel, on the event loop.
    protocol Receiver: AnyObject {
        /// Takes a piece of text in; handed on with the next `flush()`.
        func receive(_ fragment: PredictionFragment)
        /// Takes any other message in; what is one of many is handed on with the next `flush()`.
        func receive(_ message: JSONValue) -> Reception
        /// Hands on what came.
        ///
        /// - Returns: the channel to ask whether reading may go on, if its consumer is far behind.
        func flush() -> PredictionChannel?
        /// Nothing more will come.
        func end(_ error: LMStudioError)
        /// Nothing more is waited for: the server was asked to stop, and does not say that it has.
        func endUnanswered()
    }

    /// What a message was to its receiver, and the words in it that are warned of.
    enum Reception {
        case oneOfMany([UnknownWord] = [])
        case last([UnknownWord] = [])
        /// Of a type that this version does not know; it is ignored.
        case unknown(type: String)
    }
}
