package import LMStudioCore

extension HostDescription {
    /// Reads the results of `system.version` and `system.info`, or both in one object.
    ///
    /// - Returns: `nil` without a version.
    package init?(json: JSONValue) {
        guard let version = json["version"]?.string else { return nil }
        self.init(
            version: version,
            build: json["build"]?.count ?? 0,
            processIdentifier: json["pid"]?.count ?? 0,
            isDaemon: json["isDaemon"]?.bool ?? false
        )
    }

    /// What `system.version` and `system.info` tell, in one object; either client ignores the rest.
    package var json: JSONValue {
        .object([
            "version": .string(version),
            "build": .whole(build),
            "pid": .whole(processIdentifier),
            "isDaemon": .bool(isDaemon),
        ])
    }
}

extension ProcessingState {
    /// Reads the result of `getInstanceProcessingState`.
    ///
    /// A status that this version does not know counts as `.generating`: something is being done.
    ///
    /// - Returns: `nil` without a status.
    package init?(json: JSONValue) {
        guard let status = json["status"]?.string else { return nil }
        self.init(
            status: Status(rawValue: status) ?? .generating,
            queued: json["queued"]?.count ?? 0
        )
    }

    /// The result of `getInstanceProcessingState`.
    package var json: JSONValue {
        .object(["status": .string(status.rawValue), "queued": .whole(queued)])
    }
}
