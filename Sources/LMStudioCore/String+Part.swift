extension String {
    /// Whether a text occurs in this one, byte for byte; an empty one does.
    ///
    /// `contains(_:)` of the standard library's `_StringProcessing` module tells the same, but links
    /// the engine of regular expressions, 1.3 MB; release builds do without that module.
    package func hasPart(_ part: String) -> Bool {
        var rest = utf8[...]
        while rest.count >= part.utf8.count {
            if rest.starts(with: part.utf8) { return true }
            rest = rest.dropFirst()
        }
        return false
    }
}
