/// A file that was handed to the host before, as part of a message.
public struct ChatFile: Sendable, Hashable {
    /// Its name, for people.
    public var name: String
    /// What the host calls it.
    public var identifier: String
    /// Its size, bytes.
    public var sizeBytes: Int
    /// What kind of file it is: `image`, `text/plain`…, as LM Studio names it.
    public var fileType: String
    /// Its bytes, on the way to a host that reads them; `nil`: the host has them, or nobody.
    public var content: [UInt8]?

    /// Makes a reference to a file.
    public init(name: String, identifier: String, sizeBytes: Int, fileType: String) {
        self.name = name
        self.identifier = identifier
        self.sizeBytes = sizeBytes
        self.fileType = fileType
    }
}
