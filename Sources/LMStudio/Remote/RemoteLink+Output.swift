import LMStudioWire
import NIOCore

/// What a link writes, and what other threads write for it.
extension RemoteLink {
    struct Output {
        let line: DirectLine
        /// The channel's, to lend.
        var socket: DirectLine.Socket?
        /// The number of the next call that is sent past the event loop.
        fileprivate var reserved: Int?
        /// Messages that the channel has not written yet, and work of the event loop under way.
        fileprivate var holds = 0

        init(line: DirectLine) {
            self.line = line
        }
    }

    func write(_ json: JSONValue) {
        guard let channel else { return }
        write(WebSocketFrameWriter.text(json, channel.allocator), to: channel)
    }

    /// Writes a frame behind those that other threads have written.
    func write(_ frame: ByteBuffer, to channel: any Channel) {
        withLine { put(frame, channel) }
    }

    /// Does something while no other thread writes, behind what they have written.
    func withLine(_ work: () -> Void) {
        output.holds += 1
        takeLine()
        work()
        release()
    }

    /// A write that is done within its call, as most are, lends nothing before the work around it ends.
    private func put(_ bytes: ByteBuffer, _ channel: any Channel) {
        output.holds += 1
        let link = NIOLoopBound(self, eventLoop: eventLoop)
        channel.writeAndFlush(bytes).whenComplete { _ in link.value.release() }
    }

    /// Ends the lending of the socket, and takes over what was sent meanwhile.
    private func takeLine() {
        guard let sent = output.line.take() else { return }
        output.reserved = nil
        session.sent(call: sent.id)
        note(sent.call, sent.id)
        if sent.rest.readableBytes > 0, let channel { put(sent.rest, channel) }
    }

    /// Lends the socket, unless something is still to be written.
    private func release() {
        output.holds -= 1
        guard output.holds == 0, session.isReady, let socket = output.socket else { return }
        let id = output.reserved ?? session.reserveCall()
        output.reserved = id
        output.line.lend(socket, id: id)
    }
}
