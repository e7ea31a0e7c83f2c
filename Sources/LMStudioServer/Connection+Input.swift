import LMStudioCore
import LMStudioWire
import Logging
import NIOCore

extension Connection {
    /// Longer messages are parsed elsewhere: other connections share the event loop.
    private static let longMessageBytes = 1 << 20

    /// Takes what came.
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isClosing else { return }
        var bytes = unwrapInboundIn(data)
        let before = decoder.messageBytes
        decoder.append(&bytes)
        takeMessages()
        // Pings alone do not complete a message.
        if decoder.messageBytes > before { lastRead = .now() }
    }

    /// Reads on, unless a long message is being parsed: what follows it waits its turn.
    func read(context: ChannelHandlerContext) {
        if isParsing {
            isReadHeld = true
        } else {
            context.read()
        }
    }

    private func takeMessages() {
        do throws(FrameDecoder.Violation) {
            while !isClosing, !isParsing, let message = try decoder.next(limit: limit) {
                received(message)
            }
        } catch {
            service.logger.info("connection of \(namespace) closed: \(error.reason)")
            close(error.code, reason: error.reason)
        }
        if decoder.isPartial, !isParsing, !isClosing, partialDeadline == nil { watchPartial() }
    }

    /// Somebody who has not said who they are has little to say.
    private var limit: Int {
        let most = service.configuration.maxFrameBytes
        return session.isAuthenticated ? most : min(most, 64 << 10)
    }

    private func received(_ message: FrameDecoder.Message) {
        switch message {
        case .data(let buffer) where buffer.readableBytes > Self.longMessageBytes: parse(buffer)
        case .data(let buffer): obey(JSONValue(message: buffer))
        case .ping(let payload):
            output.writeFrame(opcode: 0xA) { $0.writeImmutableBuffer(payload) }
            scheduleFlush()
        case .pong: break
        case .close(let code): close(code)
        }
    }

    /// Does what a message asks for; `nil`: it was none.
    private func obey(_ json: JSONValue?) {
        Peer.$isAsking.withValue(service.configuration.servesStoreOnly) {
            perform(session.received(json))
        }
    }

    private func parse(_ buffer: ByteBuffer) {
        isParsing = true
        let (bound, loop) = (bound, channel.eventLoop)
        Task {
            let json = JSONValue(message: buffer)
            loop.execute {
                let this = bound.value
                this.isParsing = false
                guard !this.isClosing else { return }
                this.obey(json)
                this.takeMessages()
                if this.isReadHeld, !this.isParsing {
                    this.isReadHeld = false
                    this.context?.read()
                }
            }
        }
    }

    /// Drops the client if nothing comes while part of a message is there.
    private func watchPartial() {
        let patience = TimeAmount(service.configuration.partialFrameTimeout)
        partialDeadline = channel.eventLoop.assumeIsolated().scheduleTask(
            deadline: lastRead + patience
        ) { [weak self] in
            guard let self else { return }
            partialDeadline = nil
            guard decoder.isPartial, !isParsing, !isClosing else { return }
            guard NIODeadline.now() >= lastRead + patience else { return watchPartial() }
            service.logger.info("connection of \(namespace) closed: half a message, then nothing")
            close(1002, reason: "half a message, then nothing")
        }
    }
}

extension JSONValue {
    /// Reads a message; `nil` if it is no JSON.
    fileprivate init?(message: ByteBuffer) {
        let json = message.withUnsafeReadableBytes { bytes in
            do throws(LMStudioError) {
                return try JSONValue(parsing: bytes, as: "the message") as JSONValue?
            } catch {
                return nil
            }
        }
        guard let json else { return nil }
        self = json
    }
}
