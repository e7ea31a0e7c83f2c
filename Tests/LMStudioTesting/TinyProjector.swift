/// An `mmproj` file of some 20,000 random weights, the same each time, that lets a ``TinyModel`` see.
///
/// It looks at images of 32 by 32 pixels, to which others are made, in patches of 8.
package struct TinyProjector: Sendable {
    /// What it is made like.
    package enum Kind: Sendable, CaseIterable {
        /// LLaVA: 16 vectors, read one after the other.
        case llava
        /// Gemma 3: 4 vectors, which see each other.
        case gemma3
        /// Qwen 2 VL: as many vectors as the image's shape asks for, in fewer positions.
        case qwen2VL
    }

    /// What it is made like.
    package var kind = Kind.llava
    /// Width of the model's vectors.
    package var modelWidth = 32
    /// Where the random weights start from.
    package var seed: UInt64 = 9

    private static let width = 32
    private static let feedForwardWidth = 64
    private static let layers = 2
    private static let patch = 8
    private static let side = 32

    /// Vectors that an image of 40 by 30 pixels becomes.
    package var vectorCount: Int {
        switch kind {
        case .llava: 16
        case .gemma3: 4
        case .qwen2VL: 12
        }
    }

    /// The model that it lets see.
    package var model: GGUFWriter {
        var model = TinyModel()
        model.contextLength = 4096
        guard kind == .qwen2VL else { return model.writer() }
        model.architecture = "qwen2vl"
        var writer = model.writer()
        writer.set("qwen2vl.rope.dimension_sections", .int32s([2, 1, 1, 0]))
        return writer
    }

    /// Makes a projector that can be changed before it is written.
    package init() {}

    /// The file, to be changed further or written.
    package func writer() -> GGUFWriter {
        GGUFWriter(metadata: metadata, tensors: tensors())
    }

    /// The whole file.
    package func bytes() -> [UInt8] { writer().bytes() }

    private var name: String {
        switch kind {
        case .llava: "mlp"
        case .gemma3: "gemma3"
        case .qwen2VL: "qwen2vl_merger"
        }
    }

    private var metadata: [(key: String, value: GGUFWriter.Value)] {
        let number = { (value: Int) in GGUFWriter.Value.uint32(UInt32(value)) }
        return [
            ("general.architecture", .string("clip")),
            ("general.type", .string("mmproj")),
            ("general.name", .string("Tiny Projector")),
            ("general.file_type", .uint32(0)),
            ("clip.has_vision_encoder", .bool(true)),
            ("clip.projector_type", .string(name)),
            ("clip.use_gelu", .bool(true)),
            ("clip.vision.image_size", number(Self.side)),
            ("clip.vision.patch_size", number(Self.patch)),
            ("clip.vision.embedding_length", number(Self.width)),
            ("clip.vision.feed_forward_length", number(Self.feedForwardWidth)),
            ("clip.vision.block_count", number(Self.layers)),
            ("clip.vision.projection_dim", number(modelWidth)),
            ("clip.vision.attention.head_count", .uint32(4)),
            ("clip.vision.attention.layer_norm_epsilon", .float32(1e-5)),
            ("clip.vision.projector.scale_factor", .uint32(2)),
            ("clip.vision.image_mean", .float32s([0.5, 0.5, 0.5])),
            ("clip.vision.image_std", .float32s([0.5, 0.5, 0.5])),
        ]
    }

    private func tensors() -> [GGUFWriter.Tensor] {
        var random = LinearCongruential(seed: seed)
        func tensor(_ name: String, _ dimensions: Int..., base: Float = 0) -> GGUFWriter.Tensor {
            let numbers = (0..<dimensions.reduce(1, *)).map { _ in base + random.next() * 0.4 }
            return .init(name, dimensions.map(UInt64.init), bytes: GGUFWriter.bytes(of: numbers))
        }
        func linear(_ name: String, _ columns: Int, _ rows: Int) -> [GGUFWriter.Tensor] {
            [tensor("\(name).weight", columns, rows), tensor("\(name).bias", rows)]
        }
        func norm(_ name: String) -> [GGUFWriter.Tensor] {
            [tensor("\(name).weight", Self.width, base: 1), tensor("\(name).bias", Self.width)]
        }
        let patches = (Self.side / Self.patch) * (Self.side / Self.patch)
        var all = [tensor("v.patch_embd.weight", Self.patch, Self.patch, 3, Self.width)]
        if kind == .qwen2VL {
            all.append(tensor("v.patch_embd.weight.1", Self.patch, Self.patch, 3, Self.width))
        } else {
            all.append(tensor("v.patch_embd.bias", Self.width))
            all.append(tensor("v.position_embd.weight", Self.width, patches))
        }
        for layer in 0..<Self.layers {
            for part in ["attn_q", "attn_k", "attn_v", "attn_out"] {
                all += linear("v.blk.\(layer).\(part)", Self.width, Self.width)
            }
            all += norm("v.blk.\(layer).ln1") + norm("v.blk.\(layer).ln2")
            all += linear("v.blk.\(layer).ffn_up", Self.width, Self.feedForwardWidth)
            all += linear("v.blk.\(layer).ffn_down", Self.feedForwardWidth, Self.width)
        }
        all += norm("v.post_ln")
        switch kind {
        case .llava:
            all += linear("mm.0", Self.width, modelWidth) + linear("mm.2", modelWidth, modelWidth)
        case .qwen2VL:
            let merged = 4 * Self.width
            all += linear("mm.0", merged, merged) + linear("mm.2", merged, modelWidth)
        case .gemma3:
            all += [
                tensor("mm.input_projection.weight", modelWidth, Self.width),
                tensor("mm.soft_emb_norm.weight", Self.width, base: 1),
            ]
        }
        return all
    }
}

/// Image files for tests.
package enum TestImage {
    /// A PNG file without compression, whose pixels depend on a number.
    package static func png(width: Int = 40, height: Int = 30, pattern: Int = 1) -> [UInt8] {
        var pixels: [UInt8] = []
        for row in 0..<height {
            pixels.append(0)
            for column in 0..<width {
                pixels += [
                    UInt8(truncatingIfNeeded: row * 7 * pattern),
                    UInt8(truncatingIfNeeded: column * 5 + pattern * 40),
                    UInt8(truncatingIfNeeded: (row + column) * pattern),
                ]
            }
        }
        var data: [UInt8] = [0x78, 1]
        for start in stride(from: 0, to: pixels.count, by: 65_535) {
            let block = pixels[start..<min(start + 65_535, pixels.count)]
            let count = UInt16(block.count)
            data.append(start + block.count == pixels.count ? 1 : 0)
            data += [UInt8(count & 0xFF), UInt8(count >> 8)]
            data += [UInt8(~count & 0xFF), UInt8(~count >> 8)]
            data += block
        }
        // Checksums are not looked at.
        data += [0, 0, 0, 0]
        return header(width: width, height: height) + chunk("IDAT", data) + chunk("IEND", [])
    }

    /// The beginning of a PNG file of so many pixels.
    package static func header(width: Int, height: Int) -> [UInt8] {
        [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
            + chunk("IHDR", big(width) + big(height) + [8, 2, 0, 0, 0])
    }

    private static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
        big(data.count) + Array(type.utf8) + data + [0, 0, 0, 0]
    }

    private static func big(_ number: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }
}
