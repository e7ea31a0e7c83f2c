/// Stands in for the Swift runtime's table of character names ("LATIN SMALL LETTER A"), half a megabyte
/// that nothing here asks for: `Unicode.Scalar.Properties.name` is `nil` in the released library.
///
/// The linker's `--wrap` (see the Makefile) sends the runtime's calls here; in other builds it is unused.
///
/// - Returns: the length of the name: none.
@_cdecl("__wrap__swift_stdlib_getScalarName")
public func scalarName(
    _ scalar: UInt32,
    _ buffer: UnsafeMutablePointer<UInt8>?,
    _ capacity: Int
) -> Int {
    0
}
