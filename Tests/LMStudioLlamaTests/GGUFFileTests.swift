import LMStudioCore
import LMStudioTesting
import Testing

@testable import LMStudioLlama

@Suite struct GGUFFileTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func read(_ bytes: [UInt8]) throws -> GGUFFile {
        try GGUFFile(path: directory.write(bytes, to: "model.gguf"))
    }

    /// The message of the error that reading gives.
    private func refusal(_ bytes: [UInt8]) throws -> String {
        let error = try #require(throws: LMStudioError.self) { try read(bytes) }
        #expect(error.code == .engine)
        #expect(error.message.contains("model.gguf"))
        return error.message
    }

    @Test(arguments: TinyModel.Tokenizer.allCases)
    func readsASoundFile(_ tokenizer: TinyModel.Tokenizer) throws {
        var model = TinyModel()
        model.tokenizer = tokenizer
        let file = try read(model.bytes())
        try file.validateTensors()
        try file.validateHyperparameters()
        try file.validateVocabulary()
        #expect(file.metadata.architecture == "llama")
        #expect(file.metadata.name == "Tiny Test")
        #expect(file.metadata.type == "model")
        #expect(file.metadata.fileType?.name == "F32")
        #expect(file.metadata.contextLength == 512)
        #expect(file.metadata.tensorCount == 21)
        #expect(file.metadata.splitCount == 1)
        #expect(file.metadata.alignment == 32)
        #expect(!file.metadata.hasChatTemplate)
        #expect(file.metadata.domain == .llm)
        #expect(file.dataOffset % 32 == 0)
    }

    @Test func readsVersionTwo() throws {
        var writer = TinyModel().writer()
        writer.version = 2
        #expect(try read(writer.bytes()).metadata.tensorCount == 21)
    }

    @Test func countsParameters() throws {
        let tensors = [
            GGUFWriter.Tensor("a", [4, 3, 2], bytes: Array(repeating: 0, count: 96)),
            GGUFWriter.Tensor("b", [], bytes: [0, 0, 0, 0]),
            GGUFWriter.Tensor("c", [0, 5], bytes: []),
        ]
        let file = try read(
            GGUFWriter(metadata: [("general.architecture", .string("x"))], tensors: tensors).bytes()
        )
        #expect(file.metadata.parameterCount == 25)
        try file.validateTensors()
    }

    @Test(arguments: [
        (nil, false, false), ("{{ messages }}", true, false), ("{% if tools %}", true, true),
    ])
    func looksIntoTheChatTemplate(template: String?, hasTemplate: Bool, mentionsTools: Bool) throws
    {
        var model = TinyModel()
        model.chatTemplate = template
        let metadata = try read(model.bytes()).metadata
        #expect(metadata.hasChatTemplate == hasTemplate)
        #expect(metadata.mentionsTools == mentionsTools)
    }

    @Test(arguments: [
        ("llama", nil, ModelDomain.llm), ("llama", 0, .llm), ("qwen3", 3, .embedding),
        ("bert", nil, .embedding),
        ("gemma-embedding", nil, .embedding), ("jina-bert-v2", 1, .embedding),
    ])
    func tellsWhatAModelIsFor(architecture: String, pooling: UInt32?, domain: ModelDomain) throws {
        var model = TinyModel()
        model.architecture = architecture
        var writer = model.writer()
        writer.set("\(architecture).pooling_type", pooling.map { .uint32($0) })
        #expect(try read(writer.bytes()).metadata.domain == domain)
    }

    @Test func keepsNoControlCharactersInNames() throws {
        var writer = TinyModel().writer()
        writer.set("general.name", .string("a\u{0}b\nc\u{1b}[1m"))
        #expect(try read(writer.bytes()).metadata.name == "abc[1m")
    }

    // MARK: Files that are no model

    @Test func refusesOtherFiles() throws {
        #expect(
            try refusal(Array("<html>".utf8)).contains(
                "it is not a GGUF file (it begins with \"<htm\")"
            )
        )
        #expect(
            try refusal([0x50, 0x4b, 0x03, 0x04]).contains("it begins with the bytes 50 4b 03 04")
        )
        #expect(try refusal([]).contains("it has only 0 bytes"))
        #expect(try refusal(Array("GGUF".utf8)).contains("it ends in the middle of the metadata"))
    }

    @Test(arguments: [(UInt32(1), "too old"), (4, "version is 4"), (0x0300_0000, "big-endian")])
    func refusesOtherVersions(version: UInt32, reason: String) throws {
        var writer = TinyModel().writer()
        writer.version = version
        #expect(try refusal(writer.bytes()).contains(reason))
    }

    @Test func aMissingFileAndADirectoryAreInvalidArguments() throws {
        for path in [directory.path, directory.path + "/missing.gguf", "a\0b"] {
            let error = try #require(throws: LMStudioError.self) { try GGUFFile(path: path) }
            #expect(error.code == .invalidArgument)
        }
    }

    // MARK: Damaged metadata

    private static let raw: [(String, GGUFWriter.Value, String)] = [
        ("general.architecture", .uint32(1), "does not name an architecture"),
        ("general.architecture", .string(""), "does not name an architecture"),
        ("general.alignment", .uint32(0), "not a power of two"),
        ("general.alignment", .uint32(48), "not a power of two"),
        ("general.alignment", .uint64(32), "not a power of two"),
        ("llama.context_length", .string("many"), "holds text instead of a whole number"),
        ("llama.context_length", .float32(1), "holds a fraction instead of a whole number"),
        ("llama.context_length", .int32(-1), "impossible value -1"),
        ("x", .raw(type: 13, bytes: []), "unknown type 13"),
        ("x", .raw(type: 9, bytes: [9, 0, 0, 0] + [1, 0, 0, 0, 0, 0, 0, 0]), "list of lists"),
        ("x", .raw(type: 9, bytes: [8, 0, 0, 0] + Array(repeating: 255, count: 8)), "no room for"),
        (
            "x", .raw(type: 9, bytes: [10, 0, 0, 0] + Array(repeating: 255, count: 8)),
            "ends in the middle"
        ),
        ("x", .raw(type: 9, bytes: [10, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 32]), "ends in the middle"),
        ("x", .raw(type: 8, bytes: Array(repeating: 255, count: 8)), "ends in the middle"),
        ("x", .raw(type: 8, bytes: Array(repeating: 255, count: 7) + [127]), "ends in the middle"),
        ("", .uint8(0), "no sound name"),
    ]

    @Test(arguments: raw)
    func refusesDamagedMetadata(key: String, value: GGUFWriter.Value, reason: String) throws {
        var writer = TinyModel().writer()
        writer.set(key, value)
        #expect(try refusal(writer.bytes()).contains(reason))
    }

    @Test func refusesAKeyThatIsThereTwice() throws {
        var writer = TinyModel().writer()
        writer.metadata.append(writer.metadata[2])
        #expect(try refusal(writer.bytes()).contains("holds metadata key \"general.name\" twice"))
    }

    @Test(arguments: [UInt64.max, 1 << 62, 1 << 40, 1 << 20])
    func refusesImpossibleCounts(_ count: UInt64) throws {
        var writer = TinyModel().writer()
        writer.claimedKeyCount = count
        #expect(try refusal(writer.bytes()).contains("\(count) metadata keys"))
        writer.claimedKeyCount = nil
        writer.claimedTensorCount = count
        #expect(try refusal(writer.bytes()).contains("\(count) tensors"))
    }

    @Test func passesOverALargeVocabulary() throws {
        var writer = TinyModel().writer()
        writer.set("tokenizer.ggml.tokens", .strings((0..<262_144).map { "token \($0)" }))
        writer.set("tokenizer.ggml.merges", .strings((0..<500_000).map { "a \($0)" }))
        writer.set("tokenizer.ggml.scores", .float32s(Array(repeating: 0, count: 262_144)))
        #expect(try read(writer.bytes()).metadata.tensorCount == 21)
    }
}
