// Stand-ins for those of the Swift runtime's tables of characters that nothing here asks for, half a
// megabyte of names ("LATIN SMALL LETTER A") among them: in the released library the properties `name`
// and `age` of a `Unicode.Scalar` are `nil`.
//
// The linker's `--wrap` (see the Makefile) sends the runtime's calls here; in other builds they are unused.

/// The length of a character's name: none.
@_cdecl("__wrap__swift_stdlib_getScalarName")
public func scalarName(
    _ scalar: UInt32,
    _ buffer: UnsafeMutablePointer<UInt8>?,
    _ capacity: Int
) -> Int {
    0
}

/// The version of Unicode that a character came with: not known.
@_cdecl("__wrap__swift_stdlib_getAge")
public func scalarAge(_ scalar: UInt32) -> UInt16 {
    .max
}

/// A character's script, which regular expressions ask for: not known.
@_cdecl("__wrap__swift_stdlib_getScript")
public func scalarScript(_ scalar: UInt32) -> UInt8 {
    .max
}

/// The scripts that share a character: none.
@_cdecl("__wrap__swift_stdlib_getScriptExtensions")
public func scalarScripts(
    _ scalar: UInt32,
    _ count: UnsafeMutablePointer<UInt8>?
) -> UnsafePointer<UInt8>? {
    nil
}
