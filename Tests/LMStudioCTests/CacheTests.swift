import CABIHarness
import Testing

extension CABITests {
    @Suite struct CacheTests {
        @Test func cachesAreSavedAndLoaded() async throws {
            let store = try Store.endless()
            let path = store.path + "/cache"
            let found = await onThread {
                harness_saved_caches(store.address, path).map { String(cString: $0) } ?? ""
            }
            #expect(found == "")
        }
    }
}
