import LMStudio
import LMStudioTesting
import Testing

@testable import LMStudioLlama

@Suite struct MemoryBudgetTests {
    @Test func freeIsWhatNeitherModelsNorOthersTake() {
        let reading = MemoryBudget.Reading(available: 90, total: 100)
        #expect(reading.free(loaded: 0, loading: 0) == 90)
        #expect(reading.free(loaded: 0, loading: 20) == 70)
        // The file of a loaded model counts as available to the system.
        #expect(reading.free(loaded: 60, loading: 20) == 20)
        #expect(reading.free(loaded: 200, loading: 0) == 0)
    }

    @Test func theMachineTells() throws {
        let reading = try #require(MemoryBudget.system.read())
        #expect(reading.available > 0)
        #expect(reading.total >= reading.available)
    }

    #if os(Linux)
    @Test func meminfoIsRead() {
        let text = "MemTotal:       24 kB\nMemFree:    3 kB\nMemAvailable:   12 kB\n"
        #expect(MemoryBudget.reading(meminfo: text)?.available == 12_288)
        #expect(MemoryBudget.reading(meminfo: text)?.total == 24_576)
        #expect(MemoryBudget.reading(meminfo: "nothing") == nil)
    }
    #endif

    @Test func theEstimateCountsFilesCacheAndBuffers() throws {
        let directory = try TemporaryDirectory()
        var model = TinyModel()
        model.contextLength = 1024
        try directory.write(model.bytes(), to: "a/b/c.gguf")
        let stored = try #require(try ModelStore(directory: directory.path).scan().first)
        var config = LoadConfig()
        config.contextLength = 1024
        let full = stored.usage(config).totalBytes
        // 2 layers of 2 heads, 8 wide, keys and values of 2 bytes each, on top of the file.
        #expect(full > stored.info.sizeBytes + 1024 * 2 * 2 * 8 * 4)
        config.contextLength = 512
        #expect(full - stored.usage(config).totalBytes == 512 * 2 * 2 * 8 * 4)
        config.keyCacheType = .f32
        #expect(stored.usage(config).totalBytes - (full - 512 * 128) == 512 * 2 * 2 * 8 * 2)
    }

    @Test(arguments: ["attention.key_length", "attention.head_count_kv", "block_count"])
    func aNumberBelowZeroTakesNoMemory(key: String) throws {
        let directory = try TemporaryDirectory()
        var writer = TinyModel().writer()
        writer.set("llama.\(key)", .int64(-1 << 62))
        try directory.write(writer.bytes(), to: "a/b/c.gguf")
        let stored = try #require(try ModelStore(directory: directory.path).scan().first)
        #expect(stored.usage(LoadConfig()).contextBytes == 0)
    }

    @Test(arguments: [
        (0, "0 bytes"), (999, "999 bytes"), (1000, "1 KB"), (93_100_000, "93.1 MB"),
        (999_999_999, "1 GB"), (123_456_789, "123 MB"), (5_250_000_000, "5.3 GB"),
    ])
    func bytesAreForPeople(bytes: Int64, text: String) {
        #expect(ByteCount.text(bytes) == text)
    }
}
