import LMStudioCore

extension ModelKey {
    /// Names for all models of a store, in the order given.
    ///
    /// Variants are files of one publisher that differ in nothing but the quantization: each gets
    /// `key@quantization`. Models of different publishers that would have the same key get
    /// `publisher/key`. A repository that holds several models names them after their files.
    static func assign(_ candidates: [Candidate]) -> [Name] {
        let places = candidates.map { Place(path: $0.path) }
        let bases = bases(of: candidates, at: places)
        let publishers = places.map { $0.publisher.lowercased() }

        var publishersOfBase: [String: Set<String>] = [:]
        for (base, publisher) in zip(bases, publishers) {
            publishersOfBase[base, default: []].insert(publisher)
        }
        let plains = zip(bases, publishers).map { base, publisher in
            publishersOfBase[base, default: []].count > 1 ? "\(publisher)/\(base)" : base
        }

        var names = plains.map { Name(key: $0, plain: $0, isPreferred: true) }
        for group in Dictionary(grouping: candidates.indices, by: { plains[$0] }).values
        where group.count > 1 {
            let best = group.max { isBetter(candidates[$1], than: candidates[$0]) }
            for (index, variant) in zip(group, variants(of: group.map { candidates[$0] })) {
                names[index].key = "\(plains[index])@\(variant)"
                names[index].isPreferred = index == best
            }
        }
        return names
    }

    /// Whether a name without a variant means the first of two variants rather than the second.
    static func isBetter(_ first: Candidate, than second: Candidate) -> Bool {
        func rank(_ candidate: Candidate) -> (Int, Int64) {
            guard let quantization = candidate.quantization else { return (99, 0) }
            if quantization.name == "Q4_K_M" { return (0, 0) }
            // Four bits lose little and are fast; more bits are only slower, fewer lose much.
            let distance = quantization.bits >= 4 ? quantization.bits - 3 : 40 - quantization.bits
            return (distance, -candidate.sizeBytes)
        }
        let ranks = (rank(first), rank(second))
        return ranks.0 == ranks.1 ? first.path < second.path : ranks.0 < ranks.1
    }

    private struct Repository: Hashable {
        var publisher: String
        var name: String
    }

    /// Keys without publishers and variants.
    private static func bases(of candidates: [Candidate], at places: [Place]) -> [String] {
        var stems: [Repository: Set<String>] = [:]
        for place in places {
            stems[.init(publisher: place.publisher, name: place.repository), default: []]
                .insert(bare(place.stem).lowercased())
        }
        return zip(candidates, places).map { candidate, place in
            let repository = bare(place.repository).lowercased()
            let isAlone =
                stems[.init(publisher: place.publisher, name: place.repository), default: []].count
                < 2
            let base = isAlone ? repository : bare(place.stem).lowercased()
            let prefix = "text-embedding-"
            return candidate.domain == .llm || base.hasPrefix(prefix) ? base : prefix + base
        }
    }

    /// What tells models of one plain key apart: the quantization, else the file's name, else the path.
    private static func variants(of group: [Candidate]) -> [String] {
        let names = group.map { candidate in
            let fileName =
                candidate.path.split(separator: "/").last.map(String.init) ?? candidate.path
            let stem = stem(fileName: fileName)
            return [
                quantization(fileName: fileName) ?? candidate.quantization?.name ?? stem, stem,
                candidate.path,
            ]
            .map { $0.lowercased() }
        }
        return names.map { own in
            own.indices.first { level in names.count { $0[level] == own[level] } == 1 }.map {
                own[$0]
            } ?? own[2]
        }
    }
}
