import CABIHarness
import Testing

extension CABITests {
    @Suite struct ArgumentTests {
        private let store: Store

        init() throws {
            store = try .endless()
        }

        @Test func nullIsANoOpWhereNothingIsReturned() {
            #expect(String(cString: harness_null_no_ops()) == "")
        }

        @Test func nullGivesNothingFromGetters() {
            #expect(String(cString: harness_null_getters()) == "")
        }

        @Test func nullIsRefusedEverywhereElse() async throws {
            try await passes(harness_null_arguments, with: store)
        }

        @Test func textsMayHoldNUL() async throws {
            try await passes(harness_nul_in_texts, with: store)
        }

        @Test(
            arguments: [
                ("a lone continuation byte", [0x80]),
                ("a byte that never occurs", [0x61, 0xff, 0x62]),
                ("a sequence cut off at the end", [0x61, 0xe2, 0x82]),
                ("a sequence cut off by another", [0xe2, 0x82, 0x61]),
                ("an overlong NUL", [0xc0, 0x80]),
                ("an overlong slash", [0xe0, 0x80, 0xaf]),
                ("a surrogate", [0xed, 0xa0, 0x80]),
                ("a scalar beyond U+10FFFF", [0xf4, 0x90, 0x80, 0x80]),
            ] as [(String, [UInt8])]
        )
        func invalidUTF8IsRefused(kind: String, bytes: [UInt8]) async throws {
            let text = bytes.map { CChar(bitPattern: $0) }
            try await passes(
                { address in
                    text.withUnsafeBufferPointer {
                        harness_refused_text(address, $0.baseAddress, $0.count)
                    }
                },
                with: store
            )
        }

        @Test func invalidUTF8InAStringIsRefused() async throws {
            try await passes(
                { address in
                    [CChar(bitPattern: 0xff), 0].withUnsafeBufferPointer {
                        harness_refused_string(address, $0.baseAddress)
                    }
                },
                with: store
            )
        }

        @Test(arguments: [1, 1 << 31, Int.max])
        func noDataWithALengthIsRefused(length: Int) async throws {
            try await passes(
                { harness_refused_text($0, nil, length) },
                with: store
            )
        }

        @Test(arguments: [1 << 31, 1 << 40, Int.max])
        func hugeLengthIsRefusedUnread(length: Int) async throws {
            try await passes(
                { harness_refused_text($0, "short", length) },
                with: store
            )
        }

        /// `size_t` reaches beyond Swift's `Int`.
        @Test(arguments: [Int.min, -1])
        func lengthBeyondTheAddressSpaceIsRefused(bits: Int) async throws {
            try await passes(
                { harness_refused_text($0, "short", bits) },
                with: store
            )
        }
    }
}
