import CABIHarness
import LMStudio
import Testing

extension CABITests {
    @Suite struct ConfigTests {
        private let store: Store

        init() throws {
            store = try .endless()
        }

        private func status(
            of config: String,
            _ ask: @escaping @Sendable (UnsafePointer<CChar>?, UnsafePointer<CChar>?) -> Int32
        ) async -> Int32 {
            await onThread { [store] in ask(store.address, config) }
        }

        @Test(arguments: ["maxTokens", "[]", "{\"maxTokens\":", "7", "{\"maxTokens\": \"5\"}"])
        func unfitPredictionConfigIsRefused(config: String) async {
            let status = await status(of: config, harness_prediction_config_status)
            #expect(status == LMStudioError.Code.invalidArgument.rawValue)
        }

        @Test(arguments: ["contextLength", "[]", "{", "7", "{\"contextLength\": 0}"])
        func unfitLoadConfigIsRefused(config: String) async {
            let status = await status(of: config, harness_load_config_status)
            #expect(status == LMStudioError.Code.invalidArgument.rawValue)
        }

        @Test(arguments: ["", "null", "{}", "{\"max_tokens\": 5}", "{\"unknown\": 1}"])
        func fitPredictionConfigIsTaken(config: String) async {
            #expect(await status(of: config, harness_prediction_config_status) == 0)
        }

        @Test(arguments: [
            "", "[]", "{}", #"{"messages": []}"#,
            #"{"messages": [{"role": "boss", "content": ""}]}"#,
            #"{"messages": [{"role": "tool", "content": [{"type": "toolCallResult", "content": "3"}]}]}"#,
        ])
        func unfitChatIsRefused(chat: String) async {
            let status = await status(of: chat, harness_chat_status)
            #expect(status == LMStudioError.Code.invalidArgument.rawValue)
        }

        @Test(arguments: [
            #"{"messages": [{"role": "user", "content": "Hi"}]}"#,
            #"{"messages": [{"role": "user", "content": []}, {"role": "user", "content": ""}]}"#,
        ])
        func fitChatIsTaken(chat: String) async {
            #expect(await status(of: chat, harness_chat_status) == 0)
        }

        @Test func strictRefusesUnknownPredictionOptions() async {
            let config = #"{"strict": true, "maxToken": 5}"#
            let status = await status(of: config, harness_prediction_config_status)
            #expect(status == LMStudioError.Code.invalidArgument.rawValue)
        }

        @Test func strictRefusesUnknownLoadOptions() async {
            let config = #"{"strict": true, "contextLenght": 5}"#
            let status = await status(of: config, harness_load_config_status)
            #expect(status == LMStudioError.Code.invalidArgument.rawValue)
        }

        @Test func optionThatCannotBeHonouredIsUnsupported() async {
            let config = #"{"tailFreeSampling": 0.5}"#
            let status = await status(of: config, harness_prediction_config_status)
            #expect(status == LMStudioError.Code.unsupported.rawValue)
        }

        @Test func predictionWarningsNameTheOptionAndTheNearest() async throws {
            try await passes(harness_prediction_warnings, with: store)
        }

        @Test func loadWarningsNameTheOptionAndTheNearest() async throws {
            try await passes(harness_load_warnings, with: store)
        }
    }
}
