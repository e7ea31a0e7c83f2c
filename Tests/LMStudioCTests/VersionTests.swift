import CABIHarness
import CLMStudio
import Testing

extension CABITests {
    @Suite struct VersionTests {
        @Test func libraryIsOfTheHeadersVersion() {
            #expect(String(cString: lms_version()) == String(cString: harness_version()))
        }

        @Test func versionIsMadeOfItsParts() {
            let parts = "\(LMS_VERSION_MAJOR).\(LMS_VERSION_MINOR).\(LMS_VERSION_PATCH)"
            #expect(String(cString: harness_version()) == parts)
        }
    }
}
