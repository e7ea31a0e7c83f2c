/// The endpoints of LM Studio's protocol, by namespace.
package enum ServerEndpoint {
    /// The namespaces that clients open connections to.
    package static let namespaces: Set<String> = [
        "llm", "embedding", "system", "files", "repository", "diagnostics", "plugins", "runtime",
    ]

    /// The kind of channel that an endpoint opens; `nil` if this server has none of that name.
    package static func channel(_ endpoint: String, in namespace: String) -> Channel? {
        switch (namespace, endpoint) {
        case ("llm", "getOrLoad"), ("embedding", "getOrLoad"): .getOrLoad
        case ("llm", "loadModel"), ("embedding", "loadModel"): .loadModel
        case ("llm", "predict"): .predict
        case ("llm", "completeRawText"): .completeRawText
        case ("system", "alive"): .alive
        case ("diagnostics", "streamLogs"): .streamLogs
        default: nil
        }
    }

    /// Whether the protocol knows an endpoint that this server has not.
    package static func isKnown(_ endpoint: String, in namespace: String) -> Bool {
        unavailable[namespace]?.contains(endpoint) == true
    }

    /// A channel that this server can open.
    package enum Channel: Sendable, Hashable, CaseIterable {
        /// Gets a loaded model or loads it.
        case getOrLoad
        /// Loads a model.
        case loadModel
        /// Predicts an answer to a chat, or the rest of a text.
        case predict
        /// Predicts the rest of a text.
        case completeRawText
        /// Stays open as long as the server runs; nothing is said on it.
        case alive
        /// Log records, until the client says stop.
        case streamLogs

        /// The message with which a client ends it; `nil` if there is none.
        var stopMessage: String? {
            switch self {
            case .getOrLoad, .loadModel, .predict, .completeRawText: "cancel"
            case .alive: nil
            case .streamLogs: "stop"
            }
        }

        /// Whether anything is to be done when it is opened.
        var isServed: Bool { self != .alive }

        /// Whether somebody works for it, so that its end is theirs to tell.
        package var isWork: Bool {
            switch self {
            case .getOrLoad, .loadModel, .predict, .completeRawText: true
            case .alive, .streamLogs: false
            }
        }
    }

    private static let unavailable: [String: Set<String>] = [
        "system": ["startHttpServer", "stopHttpServer", "requestShutdown"],
        "files": [
            "getLocalFileAbsolutePath", "getDocumentParsingLibrary", "retrieve", "parseDocument",
        ],
        "repository": [
            "searchModels", "getModelDownloadOptions", "downloadModel", "downloadArtifact",
            "installPluginDependencies", "installLocalPlugin", "getLocalArtifactFiles",
            "getWritableArtifactOwners", "pushArtifact", "isAuthenticated", "ensureAuthenticated",
            "getAuthenticationStatus", "deauthenticate", "loginAsComputeDevice",
            "loginWithPreAuthenticatedKeys", "createDownloadPlan", "getModelCatalog",
            "fuzzyFindStaffPicks", "lmLinkStatus", "lmLinkSetDisabled", "lmLinkUpdateDeviceName",
            "lmLinkSetPreferredDevice",
        ],
        "runtime": [
            "listEngines", "getEngineSelections", "selectEngine", "removeEngine", "surveyHardware",
            "searchRuntimeExtensions", "downloadRuntimeExtension",
        ],
        "plugins": [
            "startToolUseSession", "generateWithGenerator", "registerDevelopmentPlugin",
            "setPromptPreprocessor", "setPredictionLoopHandler", "setToolsProvider", "setGenerator",
            "reindexPlugins", "pluginInitCompleted", "setConfigSchematics",
            "setGlobalConfigSchematics", "processingHandleUpdate", "processingHandleRequest",
            "processingPullHistory", "processingGetOrLoadTokenSource", "processingHasStatus",
            "processingNeedsNaming", "processingSuggestName", "processingSetSenderName",
            "reportError",
        ],
    ]
}
