package import LMStudioCore

extension ChatFile {
    /// Reads what `uploadFileBase64` answers; `nil` if it makes no sense.
    package init?(uploadAnswer: JSONValue?, name: String) {
        guard let members = uploadAnswer?.members,
            let identifier = members["identifier"]?.string,
            let fileType = members["fileType"]?.string,
            let sizeBytes = members["sizeBytes"]?.int
        else { return nil }
        self.init(name: name, identifier: identifier, sizeBytes: sizeBytes, fileType: fileType)
    }

    /// What `uploadFileBase64` answers.
    var uploadAnswer: JSONValue {
        .object([
            "identifier": .string(identifier), "fileType": .string(fileType),
            "sizeBytes": .integer(Int64(sizeBytes)),
        ])
    }
}
