import LMStudioCore

extension LlamaModel {
    /// A text that stands for an image, and by chance nowhere else.
    static func newMarker() -> String {
        "[image-\(String(UInt64.random(in: 0 ... .max), radix: 36))]"
    }

    static func refuseDocuments(_ files: [ChatFile]) throws(LMStudioError) {
        guard let file = files.first(where: { $0.fileType != "image" }) else { return }
        throw LMStudioError(
            .unsupported,
            "the file \(file.name.quoted) cannot be part of a chat: it is no image, and documents come in "
                + "a later version; leave it out, or add its text to the message"
        )
    }

    static func unseen(_ file: ChatFile) -> LMStudioError {
        LMStudioError(
            .unsupported,
            "the model cannot see the image \(file.name.quoted): it has no vision; load a model that has "
                + "(its info says vision: true), with its mmproj file beside it, or leave the image out"
        )
    }

    /// Cuts a chat's text into tokens and images.
    ///
    /// - Parameters:
    ///   - text: the text, in which `marker` stands for each file.
    ///   - marker: a text that it has nowhere else.
    ///   - files: the images.
    ///   - config: tells how large they may be.
    ///   - vision: reads them.
    /// - Returns: the tokens and images; `nil` if there are no images in it.
    /// - Throws: `.invalidArgument` if a file is no image that can be read.
    func images(
        _ text: String,
        _ marker: String,
        _ files: [ChatFile],
        _ config: PredictionConfig,
        _ vision: LlamaVision?
    ) throws(LMStudioError) -> PromptImages? {
        guard let vision, !files.isEmpty else { return nil }
        return try PromptImages(
            text,
            marker: marker,
            files: files,
            maximumSide: try config.maximumImageSide,
            by: vision,
            for: self
        )
    }
}
