import LMStudioWire
import NIOCore

/// What a link writes, and what other threads write for it.
extension RemoteLink {
    struct Output {
        let line: DirectLine
        /// The channel's, to lend.
        var socket: LineSocket?
        /// Whether a thread waited for the last call that could read its answer.
        var isAwaited = false
        /// Whether the reading is lent too, or about to be.
        fileprivate var lendsReading = false
        /// Whether somebody looks after that now and then.
        fileprivate var isWatched = false
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
        guard let loan = output.line.take() else { return }
        session.sent(call: loan.sent?.id, next: loan.nextID)
        // Of the signs of life that threads saw nobody told; they are older than the call that has no answer.
        if loan.isRead { lastRead = .now() }
        if let sent = loan.sent {
            note(sent.call, sent.id)
            if sent.rest.readableBytes > 0, let channel { put(sent.rest, channel) }
        }
        if loan.isRead { takeReading(loan.socket) }
    }

    /// Reads again, at once what came meanwhile: it may be the end, which comes before what is to be sent.
    private func takeReading(_ socket: LineSocket) {
        output.lendsReading = false
        guard let channel else { return }
        let bytes = socket.read()
        if bytes.readableBytes > 0 {
            let pipeline = channel.pipeline.syncOperations
            pipeline.fireChannelRead(NIOAny(bytes))
            pipeline.fireChannelReadComplete()
        }
        try? channel.syncOptions?.setOption(.autoRead, value: true)
    }

    /// Lends the socket, unless something is still to be written.
    private func release() {
        output.holds -= 1
        guard output.holds == 0, session.isReady, let socket = output.socket else { return }
        output.line.lend(socket, id: session.nextID, isRead: output.lendsReading)
    }

    /// Lends nothing more: the connection is gone, and what another thread has sent meanwhile with it.
    func endLending() {
        output.socket = nil
        output.lendsReading = false
        withLine {}
    }

    // MARK: Reading

    /// Leaves the reading to threads, if one waited for the last call and nothing else is to come.
    ///
    /// Only where the channel does not read on by itself: when it has read all there was.
    func lendReading() {
        guard output.isAwaited else { return }
        withLine {
            guard output.holds == 1, isIdle, session.isReady, output.socket != nil, let channel,
                (try? channel.syncOptions?.setOption(.autoRead, value: false)) != nil,
                // A channel that cannot do that is closed.
                self.channel === channel
            else { return }
            output.lendsReading = true
            watchReading()
        }
    }

    /// Reads again when no thread has called for a while, or one that did does not read.
    private func watchReading(since id: Int? = nil) {
        guard !output.isWatched else { return }
        output.isWatched = true
        let link = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.scheduleTask(in: target.readingPause) {
            let link = link.value
            link.output.isWatched = false
            guard link.output.lendsReading else { return }
            let next = link.output.line.loan?.nextID
            if next == id { link.withLine {} } else { link.watchReading(since: next) }
        }
    }
}
