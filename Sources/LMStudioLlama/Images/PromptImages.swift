import CLlama
import LMStudioCore

/// A prompt with images in it, cut into tokens and images.
///
/// `@unchecked Sendable`: once it is made only the thread of the model's context changes it, which
/// keeps vectors in it.
final class PromptImages: @unchecked Sendable {
    /// An image, or a part of one, in the prompt.
    struct Image {
        /// Its place among the chunks.
        let chunk: Int
        let extent: LlamaVision.Extent
        /// Whether its vectors may be read in more than one go.
        let isCausal: Bool
    }

    /// The prompt; numbers < 0 stand for the vectors of an image, one for each.
    let tokens: [Int32]
    let vision: LlamaVision
    let chunks: OpaquePointer
    /// By the index of their first vector among the tokens.
    private let images: [Int: Image]

    /// Reads and cuts a prompt.
    ///
    /// - Parameters:
    ///   - text: the prompt, in which `marker` stands for each image.
    ///   - marker: occurs nowhere else.
    ///   - files: the images, in the order of their markers.
    ///   - maximumSide: longest side of an image, which larger ones are shrunk to; `nil`: any.
    ///   - vision: reads them.
    ///   - model: the model, whose way with leading tokens this shares.
    /// - Throws: `.invalidArgument` for a file that is no image, or a template that leaves one out.
    init(
        _ text: String,
        marker: String,
        files: [ChatFile],
        maximumSide: Int?,
        by vision: LlamaVision,
        for model: LlamaModel
    ) throws(LMStudioError) {
        let text = Array(text.utf8)
        let pieces = Self.pieces(of: text, around: Array(marker.utf8))
        guard pieces.count == files.count + 1, pieces.last?.isEmpty == false else {
            throw LMStudioError(
                .invalidArgument,
                "the prompt template does not show each of the chat's \(files.count) images once, with "
                    + "text behind the last; give another promptTemplate"
            )
        }
        self.vision = vision
        chunks = try Self.chunks(text, pieces, files, maximumSide, vision)
        var (tokens, images): ([Int32], [Int: Image]) = ([], [:])
        var seen: [String: Int] = [:]
        for index in 0..<cllama_chunks_count(chunks) {
            let chunk = cllama_chunk_at(vision.pointer, chunks, index)
            if let text = chunk.tokens {
                tokens += UnsafeBufferPointer(start: text, count: Int(chunk.count))
            } else {
                let extent = LlamaVision.Extent(
                    count: Int(chunk.count),
                    positions: Int(chunk.positions)
                )
                // Some models cut an image into parts, which are told apart by their order.
                let name = chunk.image.map { String(cString: $0) } ?? ""
                let number = vision.number(of: "\(name)/\(seen[name, default: 0])", extent)
                seen[name, default: 0] += 1
                images[tokens.count] = Image(
                    chunk: index,
                    extent: extent,
                    isCausal: chunk.is_causal
                )
                tokens += repeatElement(number, count: extent.count)
            }
        }
        // A template may have written the leading token too; images come behind both.
        let bos = cllama_model_bos(model.pointer)
        if tokens.count > 1, tokens[0] == bos, tokens[1] == bos {
            tokens.removeFirst()
            images = Dictionary(uniqueKeysWithValues: images.map { ($0.key - 1, $0.value) })
        }
        if cllama_model_adds_eos(model.pointer), tokens.last == cllama_model_eos(model.pointer) {
            tokens.removeLast()
        }
        (self.tokens, self.images) = (tokens, images)
    }

    deinit {
        cllama_chunks_free(chunks)
    }

    /// The image that begins at an index of the tokens; `nil` if text does.
    subscript(_ index: Int) -> Image? { images[index] }

    /// Where the text between markers stands.
    private static func pieces(of text: [UInt8], around marker: [UInt8]) -> [Range<Int>] {
        var pieces: [Range<Int>] = []
        var (start, index) = (0, 0)
        while index + marker.count <= text.count {
            guard text[index...].starts(with: marker) else {
                index += 1
                continue
            }
            pieces.append(start..<index)
            index += marker.count
            start = index
        }
        return pieces + [start..<text.count]
    }

    private static func chunks(
        _ text: [UInt8],
        _ pieces: [Range<Int>],
        _ files: [ChatFile],
        _ maximumSide: Int?,
        _ vision: LlamaVision
    ) throws(LMStudioError) -> OpaquePointer {
        var bitmaps: [OpaquePointer] = []
        defer { for bitmap in bitmaps { cllama_bitmap_free(bitmap) } }
        for file in files {
            bitmaps.append(try bitmap(file, maximumSide))
        }
        let (made, reason) = LlamaReason.collect { error, capacity in
            text.withUnsafeBytes { text in
                var parts: [cllama_part] = []
                for (index, piece) in pieces.enumerated() {
                    let bytes = UnsafeRawBufferPointer(rebasing: text[piece])
                    if let start = bytes.baseAddress, !piece.isEmpty {
                        let data = start.assumingMemoryBound(to: CChar.self)
                        let text = cllama_text(data: data, length: piece.count)
                        parts.append(cllama_part(text: text, image: nil))
                    }
                    if index < bitmaps.count {
                        parts.append(cllama_part(text: cllama_text(), image: bitmaps[index]))
                    }
                }
                return cllama_chunks_create(vision.pointer, parts, parts.count, error, capacity)
            }
        }
        guard let made else {
            throw LMStudioError(
                .engine,
                "the model's vision cannot take the images: \(reason.isEmpty ? "no reason given" : reason)"
            )
        }
        return made
    }

    /// Decodes an image file, to be freed by the caller.
    private static func bitmap(
        _ file: ChatFile,
        _ maximumSide: Int?
    ) throws(LMStudioError) -> OpaquePointer {
        guard let content = file.content else {
            throw LMStudioError(
                .invalidArgument,
                "there is no file \(file.identifier.quoted) here; hand the image over first "
                    + "(prepareImage), with the same client"
            )
        }
        let header = try ImageHeader(content, name: file.name)
        guard ImageEnd.isReached(by: content) else {
            throw LMStudioError(
                .invalidArgument,
                "the image \(file.name.quoted) is damaged, or ends in the middle; save it once more"
            )
        }
        let (made, reason) = LlamaReason.collect { error, capacity in
            cllama_bitmap_create(
                content,
                content.count,
                UInt32(header.width),
                UInt32(header.height),
                error,
                capacity
            )
        }
        guard let made else {
            throw LMStudioError(
                .invalidArgument,
                "the image \(file.name.quoted) cannot be decoded\(reason.isEmpty ? "" : ": " + reason); "
                    + "save it anew as PNG or JPEG"
            )
        }
        if let size = maximumSide.flatMap(header.fitted),
            !cllama_bitmap_shrink(made, UInt32(size.width), UInt32(size.height))
        {
            cllama_bitmap_free(made)
            throw LMStudioError(.engine, "there is no memory to shrink \(file.name.quoted)")
        }
        return made
    }
}
