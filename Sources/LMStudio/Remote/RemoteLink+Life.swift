import LMStudioCore
import LMStudioWire
import NIOCore

/// Whether there is still somebody at the other end.
///
/// A peer that vanished without a word is otherwise noticed when TCP gives up, a quarter of an hour
/// later, and until then every call would wait for its timeout.
extension RemoteLink {
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

    private func giveUp(_ asked: any Channel, ifSilentSince then: NIODeadline) {
        guard asked === channel else { return }
        isProbing = false
        // While reading pauses nobody can tell.
        guard lastRead < then, paused.isEmpty else { return }
        lost(asked, because: target.silent("it gave no sign of life for \(target.seconds) s"))
        asked.close(promise: nil)
    }
}
