import CABIHarness
import Testing

extension CABITests {
    @Suite struct OptionsTests {
        private static let clientOptionsSize = 48
        private static let loadOptionsSize = 72

        @Test(arguments: 0...(clientOptionsSize + 16))
        func clientOptionsAreTheDefaultsAndNoByteMore(size: Int) {
            #expect(String(cString: harness_client_options_defaults(size)) == "")
        }

        @Test(arguments: 0...(loadOptionsSize + 16))
        func loadOptionsAreTheDefaultsAndNoByteMore(size: Int) {
            #expect(String(cString: harness_load_options_defaults(size)) == "")
        }

        @Test(arguments: 0...(24 + 16))
        func callOptionsAreTheDefaultsAndNoByteMore(size: Int) {
            #expect(String(cString: harness_call_options_defaults(size)) == "")
        }

        @Test(arguments: 0...(32 + 16))
        func completeOptionsAreTheDefaultsAndNoByteMore(size: Int) {
            #expect(String(cString: harness_complete_options_defaults(size)) == "")
        }

        @Test func olderClientOptionsAreCompletedByTheDefaults() async throws {
            let store = try Store.endless()
            try await passes(harness_old_client_options, with: store)
        }

        @Test func olderLoadOptionsAreCompletedByTheDefaults() async throws {
            let store = try Store.endless()
            try await passes(harness_old_load_options, with: store)
        }

        @Test(arguments: [0, 1, 7, 4097, 1 << 40, Int.max, .min, -1])
        func absurdStructSizeIsRefused(size: Int) async throws {
            let store = try Store.endless()
            let size = UInt(bitPattern: size)
            try await passes(
                { harness_struct_size_refused($0, Int(bitPattern: size)) },
                with: store
            )
        }
    }
}
