public import LMStudioCore
import LMStudioWire

extension RemoteHost {
    /// Calls that wait for their answers at one time: enough for a server to compute many texts at
    /// once, and few beside what it allows a connection.
    private static let callsAtOnce = 64

    /// The vectors of texts, as the server computes them: one call each, many under way at once.
    public func embed(
        _ texts: [String],
        with model: ModelSpecifier
    ) async throws(LMStudioError) -> [[Float]] {
        let start = ContinuousClock.now
        let patience = Patience.current
        let result = await withTaskGroup(of: (Int, Result<[Float], LMStudioError>).self) { group in
            var vectors = [[Float]](repeating: [], count: texts.count)
            var waiting = texts.indices[...]
            func begin(_ group: inout TaskGroup<(Int, Result<[Float], LMStudioError>)>) {
                guard let index = waiting.popFirst() else { return }
                let text = texts[index]
                let patience = patience?.after(.now - start)
                group.addTask {
                    let vector = await Patience.$current.withValue(patience) {
                        await self.vector(of: text, model)
                    }
                    return (index, vector)
                }
            }
            for _ in 0..<Self.callsAtOnce { begin(&group) }
            while let (index, vector) = await group.next() {
                switch vector {
                case .success(let vector): vectors[index] = vector
                case .failure(let error):
                    group.cancelAll()
                    return Result<[[Float]], LMStudioError>.failure(
                        texts.count == 1 ? error : error.prefixed("texts[\(index)]: ")
                    )
                }
                begin(&group)
            }
            return .success(vectors)
        }
        let vectors = try result.get()
        for (index, vector) in vectors.enumerated()
        where vector.isEmpty || vector.count != vectors[0].count {
            throw LMStudioError(
                .server,
                "the server's vectors make no sense: that of texts[\(index)] has \(vector.count) "
                    + "numbers, that of texts[0] has \(vectors[0].count)"
            )
        }
        return vectors
    }

    private func vector(
        of text: String,
        _ model: ModelSpecifier
    ) async -> Result<[Float], LMStudioError> {
        do throws(LMStudioError) {
            let answer = try await ask(
                "embedString",
                model,
                named: "modelSpecifier",
                ["inputString": .string(text)]
            )
            guard case .array(let numbers)? = answer.members?["embedding"] else {
                throw Self.unreadable("embedString", answer)
            }
            let vector = numbers.compactMap(\.double).map { Float($0) }
            guard vector.count == numbers.count else {
                throw Self.unreadable("embedString", answer)
            }
            return .success(vector)
        } catch {
            return .failure(error)
        }
    }
}
