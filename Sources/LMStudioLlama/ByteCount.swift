/// Numbers of bytes for people.
package enum ByteCount {
    /// `93.1 MB`, `1.2 GB`: a decimal below a hundred, powers of a thousand.
    package static func text(_ bytes: Int64) -> String {
        let units = ["bytes", "KB", "MB", "GB", "TB"]
        var (value, unit) = (Double(bytes), 0)
        while value >= 999.95, unit < units.count - 1 {
            value /= 1000
            unit += 1
        }
        guard unit > 0 else { return "\(bytes) bytes" }
        let tenths = Int((value * 10).rounded())
        if tenths >= 1000 { return "\(Int(value.rounded())) \(units[unit])" }
        return tenths % 10 == 0
            ? "\(tenths / 10) \(units[unit])" : "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }
}
