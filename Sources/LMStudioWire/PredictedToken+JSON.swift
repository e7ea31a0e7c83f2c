package import LMStudioCore

extension PredictedToken {
    /// Reads LM Studio's token object; `nil` without a number.
    init?(json: JSONValue) {
        guard let id = json["id"]?.int.flatMap({ Int32(exactly: $0) }) else { return nil }
        self.init(
            id: id,
            text: json["text"]?.string ?? "",
            logProb: json["logProb"]?.double ?? -.infinity,
            candidates: json["candidates"]?.elements?.compactMap { candidate in
                candidate["id"]?.int.flatMap { Int32(exactly: $0) }.map { id in
                    Candidate(
                        id: id,
                        text: candidate["text"]?.string ?? "",
                        logProb: candidate["logProb"]?.double ?? -.infinity
                    )
                }
            } ?? []
        )
    }

    /// LM Studio's token object.
    package var json: JSONValue {
        .present([
            "id": .integer(Int64(id)), "text": .string(text), "logProb": Self.json(logProb),
            "candidates": .array(
                candidates.map { candidate in
                    .present([
                        "id": .integer(Int64(candidate.id)), "text": .string(candidate.text),
                        "logProb": Self.json(candidate.logProb),
                    ])
                }
            ),
        ])
    }

    /// JSON has no −∞: what has no probability is left out.
    private static func json(_ logProb: Double) -> JSONValue? {
        logProb.isFinite ? .number(logProb) : nil
    }
}
