extension ModelInstanceInfo {
    /// Refuses an instance that is for something else.
    ///
    /// - Throws: `mismatch(with:)`.
    package func check(_ domain: ModelDomain) throws(LMStudioError) {
        if model.domain != domain { throw mismatch(with: domain) }
    }

    /// The error for an instance that is for something else: of the wanted type there is none by that name.
    package func mismatch(with domain: ModelDomain) -> LMStudioError {
        let title =
            "\"\(identifier)\" is of type \(model.domain.rawValue), not \(domain.rawValue)"
        return LMStudioError(
            .modelNotFound,
            "\(title); ask for it in the namespace \"\(model.domain.rawValue)\"",
            details: LMStudioErrorDetails(
                title: title,
                display: .domainMismatch(
                    path: model.path,
                    actual: model.domain,
                    expected: domain
                )
            )
        )
    }
}
