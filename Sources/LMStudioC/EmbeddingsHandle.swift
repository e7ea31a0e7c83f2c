import LMStudio

/// What an `lms_embeddings` stands for.
final class EmbeddingsHandle: ClosableWork {
    private let call: BackgroundCall<LentVectors>

    /// Begins to compute.
    init(_ texts: [String], _ model: EmbeddingModel, _ timeouts: Timeouts) {
        call = BackgroundCall(on: model.client.taskExecutor()) { () throws(LMStudioError) in
            LentVectors(try await model.embed(texts, timeouts: timeouts))
        }
    }

    /// The vectors; `nil` if they are not there when the time is over.
    func wait(within milliseconds: Int64) throws(LMStudioError) -> LentVectors? {
        try call.wait(within: milliseconds)
    }

    /// The vectors, if they are there.
    var vectors: LentVectors? { (try? call.wait(within: 0)) ?? nil }

    func cancel() {
        call.cancel()
    }
}

/// Vectors that a handle lends, one after the other: they stay where they are as long as this lives.
///
/// `@unchecked Sendable`: the numbers are written once, here.
final class LentVectors: @unchecked Sendable {
    let count: Int
    let dimension: Int
    private let numbers: UnsafeMutableBufferPointer<Float>

    init(_ vectors: [[Float]]) {
        count = vectors.count
        dimension = vectors.first?.count ?? 0
        numbers = .allocate(capacity: count * dimension)
        _ = numbers.initialize(from: vectors.joined())
    }

    deinit {
        numbers.deallocate()
    }

    /// A vector; `nil` past the last.
    func vector(at index: Int) -> UnsafePointer<Float>? {
        guard (0..<count).contains(index), let start = numbers.baseAddress else { return nil }
        return UnsafePointer(start + index * dimension)
    }
}
