import LMStudioCore
import LMStudioWire
import Logging
import NIOCore

extension Connection {
    /// Frames are handed to the socket in pieces of about this size.
    private static let pieceBytes = 64 << 10

    /// Sends a message.
    func send(_ json: JSONValue) {
        guard !isClosing else { return }
        output.writeFrame(json)
        scheduleFlush()
    }

    /// Sends a message on a channel, unless it is closed.
    func send(_ message: JSONValue, channel id: Int) {
        guard session.isOpen(channel: id) else { return }
        send(ServerFrame.channelSend(id: id, message: message).json)
    }

    /// Hands what is to go out to the socket soon: whatever else is written until then goes with it.
    func scheduleFlush() {
        if output.readableBytes >= Self.pieceBytes { writeOutput() }
        guard !isFlushScheduled else { return }
        isFlushScheduled = true
        let bound = bound
        channel.eventLoop.execute {
            bound.value.isFlushScheduled = false
            bound.value.flush()
        }
    }

    private func flush() {
        writeOutput()
        context?.flush()
        dropIfDeaf()
    }

    private func writeOutput() {
        guard output.readableBytes > 0 else { return }
        let piece = output
        output = ByteBuffer()
        context?.write(wrapOutboundOut(piece), promise: nil)
    }

    /// Drops a client that asks and asks, and never reads the answers.
    private func dropIfDeaf() {
        let bound = service.configuration.maxQueuedBytesPerConnection
        guard !isClosing, !channel.isWritable,
            let queued = try? channel.syncOptions?.getOption(.bufferedWritableBytes),
            queued > bound
        else { return }
        service.logger.info("connection of \(namespace) dropped: \(queued) bytes are not read")
        end()
        channel.close(promise: nil)
    }

    /// Says goodbye and closes; without a code no reason is told.
    func close(_ code: UInt16?, reason: String = "") {
        guard !isClosing else { return }
        output.writeClose(code, reason: reason)
        writeOutput()
        end()
        let channel = channel
        context?.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in
            channel.closeLingering()
        }
        // A client that does not read must not hold up the end.
        let deadline = channel.eventLoop.scheduleTask(in: .seconds(2)) {
            channel.close(promise: nil)
        }
        channel.closeFuture.whenComplete { _ in deadline.cancel() }
    }

    // MARK: Progress that is repeated

    /// Begins to watch for silence, if nobody does yet.
    func startHeartbeat() {
        guard heartbeat == nil else { return }
        let interval = TimeAmount(service.configuration.progressInterval)
        let step = TimeAmount.nanoseconds(max(1_000_000, interval.nanoseconds / 4))
        let bound = bound
        heartbeat = channel.eventLoop.scheduleRepeatedTask(initialDelay: step, delay: step) { _ in
            bound.value.repeatProgress(silentSince: .now() - interval)
        }
    }

    /// Stops watching when nothing runs.
    func stopHeartbeatIfIdle() {
        guard predictions.isEmpty, loads.isEmpty else { return }
        heartbeat?.cancel()
        heartbeat = nil
    }

    private func repeatProgress(silentSince deadline: NIODeadline) {
        guard channel.isWritable else { return }
        for (id, running) in predictions where running.lastSent <= deadline {
            predictions[id]?.lastSent = .now()
            send(running.lastProgress, channel: id)
        }
        for (id, running) in loads where running.lastSent <= deadline {
            loads[id]?.lastSent = .now()
            send(running.lastProgress, channel: id)
        }
    }
}
