import LMStudioCore
import LMStudioWire
import Testing

@Suite struct LMStudioErrorJSONTests {
    private func read(_ text: String) throws -> LMStudioError {
        LMStudioError(serverError: try JSONValue(parsing: text, as: "error"))
    }

    @Test func errorIsReadInOneLine() throws {
        let error = try read(
            """
            {"title":"No model found.","rootTitle":"No model found.","cause":"nothing\\nmatched",
            "suggestion":"load something","errorData":{"a":1},"stack":"Error: x",
            "displayData":{"code":"generic.noModelMatchingQuery","query":{"identifier":"missing"},
            "loadedModelsSample":["tiny-test"],"totalLoadedModels":3}}
            """
        )
        #expect(error.code == .modelNotFound)
        #expect(
            error.message
                == #"No model found: nothing matched: loaded are "tiny-test" and 2 more; load something"#
        )
        let details = try #require(error.details)
        #expect(details.title == "No model found.")
        #expect(details.cause == "nothing\nmatched")
        #expect(details.suggestion == "load something")
        #expect(
            details.display
                == .noModelMatchingQuery(
                    ModelQuery(identifier: "missing"),
                    loaded: ["tiny-test"],
                    total: 3
                )
        )
        #expect(!details.json.contains("stack"))
        #expect(details.json.contains("errorData"))
    }

    @Test func namesThatTheTitleHasAreNotToldAgain() throws {
        let error = try read(
            #"""
            {"title":"no model \"c\"; the models there: a, b","displayData":{
            "code":"generic.pathNotFound","path":"c","availablePathsSample":["a","b"],"totalModels":2}}
            """#
        )
        #expect(error.message == #"no model "c"; the models there: a, b"#)
    }

    @Test(arguments: [
        ("{}", "Unknown error"), ("null", "Unknown error"),
        (#""x""#, "x"), ("[5]", "Unknown error"),
        (#"{"title":5,"cause":[],"displayData":7}"#, "Unknown error"),
        (#"{"title":"a","rootTitle":"b"}"#, "b: a"),
        (#"{"title":"a","displayData":{"code":"x.new"}}"#, "a"),
    ])
    func poorErrorIsTaken(text: String, message: String) throws {
        let error = try read(text)
        #expect(error.code == .server)
        #expect(error.message == message)
    }

    private static let displays: [(LMStudioErrorDetails.DisplayData, LMStudioError.Code, String)] =
        [
            (.specificModelUnloaded, .modelNotFound, "generic.specificModelUnloaded"),
            (
                .noModelMatchingQuery(
                    ModelQuery(domain: .llm, vision: true),
                    loaded: ["a"],
                    total: 2
                ),
                .modelNotFound, "generic.noModelMatchingQuery"
            ),
            (
                .pathNotFound("p", available: ["a", "b"], total: 2), .modelNotFound,
                "generic.pathNotFound"
            ),
            (
                .identifierNotFound("i", loaded: [], total: 0), .modelNotFound,
                "generic.identifierNotFound"
            ),
            (
                .domainMismatch(path: "p", actual: .embedding, expected: .llm), .server,
                "generic.domainMismatch"
            ),
            (.engineDoesNotSupportFeature("f"), .server, "generic.engineDoesNotSupportFeature"),
            (.presetNotFound("p"), .presetNotFound, "generic.presetNotFound"),
            (.other("generic.missingRuntimeExtension"), .server, "generic.missingRuntimeExtension"),
        ]

    @Test(arguments: displays)
    func displayDataSurvivesARoundTrip(
        display: LMStudioErrorDetails.DisplayData,
        code: LMStudioError.Code,
        name: String
    ) throws {
        let details = LMStudioErrorDetails(
            title: "t",
            cause: "c",
            suggestion: "s",
            display: display
        )
        let json = LMStudioError(.internal, "m", details: details).serverError
        #expect(json["displayData"]?["code"] == .string(name))
        let error = LMStudioError(serverError: json)
        #expect(error.code == code)
        #expect(error.details?.display == display)
        #expect(error.details?.title == "m")
    }

    @Test func errorOfOurOwnHostHasItsMessageForATitle() {
        let error = LMStudioError(.modelNotFound, "no model \"x\"")
        #expect(
            error.serverError.text == #"{"rootTitle":"no model \"x\"","title":"no model \"x\""}"#
        )
    }

    @Test func whatAServerSaidIsPassedOnWhole() throws {
        let text =
            #"{"cause":"c","displayData":{"a":1,"code":"x.new"},"errorData":{"a":1},"rootTitle":"r","title":"t"}"#
        #expect(try read(text).serverError.text == text)
    }
}
