import LMStudioCore
import LMStudioWire
import Logging
import NIOCore

/// Whether there is still somebody at the other end.
///
/// A peer that vanished without a word is otherwise noticed when TCP gives up, a quarter of an hour
/// later, and until then every call would wait for its timeout.
extension RemoteLink {
    /// Who does not answer the authentication is not waited for.
    func checkAuthentication(on connection: any Channel) {
        // There may be another connection by now, with a timer of its own.
        guard connection === channel, session.isAuthenticating else { return }
        lost(connection, because: target.silent("it did not answer the authentication"))
        connection.close(promise: nil)
    }

    /// What has to happen before any call can be made; `nil`: nothing.
    var stage: String? {
        if isConnecting { return "connecting to \(target.name)" }
        return session.isAuthenticating ? "the authentication at \(target.name)" : nil
    }

    /// Somebody waits no longer: asks for a sign of life, if there was none for as long as that.
    func doubt(since began: NIODeadline) {
        let now = NIODeadline.now()
        guard let channel, session.isReady, !isProbing, paused.isEmpty,
            lastRead < max(began, now - target.patience)
        else { return }
        isProbing = true
        var ping = channel.allocator.buffer(capacity: 14)
        WebSocketFrameWriter.write([], as: .ping, into: &ping)
        write(ping, to: channel)
        let link = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.scheduleTask(in: target.patience) {
            link.value.giveUp(channel, ifSilentSince: now)
        }
    }

    /// A server has so long to say how it ended what it was to stop: some never do.
    func timerOfEnd(_ id: Int) -> Scheduled<Void> {
        let link = NIOLoopBound(self, eventLoop: eventLoop)
        return eventLoop.scheduleTask(in: target.patience) {
            let link = link.value
            // It may not know yet, or have said it long ago.
            guard link.session.isReady, link.paused.isEmpty else { return link.waitForEnd(of: id) }
            guard let open = link.forget(id) else { return }
            link.session.forget(channel: id)
            link.target.logger.warning(
                "\(link.target.name) was asked to stop its work, and did not say within \(link.target.seconds) s that it has; it may still be at it"
            )
            _ = open.receiver.flush()
            open.receiver.endUnanswered()
        }
    }

    private func giveUp(_ asked: any Channel, ifSilentSince then: NIODeadline) {
        guard asked === channel else { return }
        isProbing = false
        // While reading pauses nobody can tell.
        guard lastRead < then, paused.isEmpty else { return }
        lost(asked, because: target.silent("it gave no sign of life for \(target.seconds) s"))
        asked.close(promise: nil)
    }
}
