/// Values of options by name, each of the shape its option takes; `false`: switched off.
struct OptionValues {
    private(set) var values: [String: JSONValue] = [:]

    /// Sets a value if it fits; a later one replaces it.
    ///
    /// - Returns: what does not fit.
    mutating func set(_ option: ConfigOption, _ value: JSONValue) -> JSONValue? {
        switch option.fit(value) {
        case .fits(let value):
            values[option.name] = value
            return nil
        case .unfit(let value): return value
        }
    }

    /// Adds values for names that have none.
    mutating func lay(over beneath: OptionValues) {
        values.merge(beneath.values) { mine, _ in mine }
    }

    /// The value of a name, which stays.
    subscript(_ name: String) -> JSONValue? { values[name] }

    /// The value of a name, which is then gone.
    mutating func take(_ name: String) -> JSONValue? {
        values.removeValue(forKey: name)
    }

    /// The number of a name: `.some(nil)` if it is switched off.
    mutating func number(_ name: String) -> Double?? {
        take(name).map(\.double)
    }

    /// The whole number of a name: `.some(nil)` if it is switched off.
    mutating func integer(_ name: String) -> Int?? {
        take(name).map(\.int)
    }

    /// The share of a name, 0…1.
    mutating func ratio(_ name: String) -> Double? {
        switch take(name) {
        case .string("max")?: 1
        case .string("off")?: 0
        case let value: value?.double
        }
    }

    /// The seed: `.some(nil)` if it is switched off.
    mutating func seed() -> UInt32?? {
        integer("seed").map { $0.flatMap { UInt32(exactly: $0) } }
    }

    /// The values that are left, as JSON text.
    var texts: [String: String] {
        values.mapValues(\.text)
    }
}
