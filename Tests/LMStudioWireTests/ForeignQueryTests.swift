import LMStudioCore
import LMStudioTesting
import LMStudioWire
import Testing

/// Queries for models of other kinds than there are, or of other computers.
@Suite struct ForeignQueryTests {
    private func call(_ endpoint: String, _ parameter: String) async throws -> JSONValue {
        try await Dispatcher(host: ScriptedHost()).call(
            endpoint,
            in: "llm",
            parameter: try JSONValue(parsing: parameter, as: "parameter")
        )
    }

    @Test(arguments: [
        #"{"domain":"tts"}"#, #"{"domain":"drafter","identifier":"m"}"#,
        #"{"deviceIdentifier":"x"}"#,
    ])
    func whatNothingHereFitsIsMissing(query: String) async throws {
        let specifier = #""specifier":{"type":"query","query":\#(query)}"#
        let error = await #expect(throws: LMStudioError.self) {
            try await call("tokenize", #"{\#(specifier),"inputString":"x"}"#)
        }
        #expect(error?.code == .modelNotFound)
        #expect(
            error?.serverError["displayData"]?["code"]?.string == "generic.noModelMatchingQuery"
        )
        #expect(error?.serverError["displayData"]?["query"]?.text == query)
        let quiet = #"{\#(specifier),"throwIfNotFound":false}"#
        #expect(try await call("getModelInfo", quiet) == .null)
    }
}
