import LMStudioCore
import Testing

@Suite struct StringPartTests {
    @Test(arguments: ["", "a", "äö", "xyz", "aäöxyz"])
    func findsParts(part: String) {
        #expect("aäöxyz".hasPart(part))
    }

    @Test(arguments: ["b", "aö", "aäöxyzz", "A"])
    func missesWhatIsNotThere(part: String) {
        #expect(!"aäöxyz".hasPart(part))
    }
}
