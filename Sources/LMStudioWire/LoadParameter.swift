package import LMStudioCore

/// What a client wants loaded: the creation parameter of `getOrLoad` and `loadModel`.
package struct LoadParameter: Sendable {
    /// The request for the host.
    package let request: LoadRequest
    /// What was odd about the options.
    package let warnings: [String]

    /// Reads a parameter.
    ///
    /// - Throws: `.invalidArgument` if it is none.
    package init(
        _ json: JSONValue?,
        of kind: ServerEndpoint.Channel,
        domain: ModelDomain
    ) throws(LMStudioError) {
        let reusesLoaded = kind == .getOrLoad
        let parameter = EndpointParameter(endpoint: reusesLoaded ? "getOrLoad" : "loadModel", json)
        try parameter.refuseDevice()
        var warnings: [String] = []
        request = LoadRequest(
            model: try parameter.string(reusesLoaded ? "identifier" : "modelKey"),
            identifier: reusesLoaded ? nil : try parameter.optionalString("identifier"),
            config: try LoadConfig(
                stack: parameter["loadConfigStack"],
                domain: domain,
                warnings: &warnings
            ),
            domain: domain,
            timeToLive: try parameter.milliseconds(reusesLoaded ? "loadTtlMs" : "ttlMs"),
            reusesLoaded: reusesLoaded
        )
        self.warnings = warnings
    }
}
