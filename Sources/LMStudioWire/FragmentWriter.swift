package import LMStudioCore

/// Writes the frames that streams are made of, without a JSON tree.
package enum FragmentWriter {
    /// Appends the whole frame of a fragment, its members in the order of the TypeScript SDK.
    package static func append(
        _ fragment: PredictionFragment,
        channel: Int,
        to bytes: inout [UInt8]
    ) {
        JSONWriter.append(#"{"type":"channelSend","channelId":"#, to: &bytes)
        JSONWriter.append(Int64(channel), to: &bytes)
        JSONWriter.append(
            #","message":{"type":"fragment","fragment":{"content":"#,
            to: &bytes
        )
        JSONWriter.append(string: fragment.content, to: &bytes)
        JSONWriter.append(#","tokensCount":"#, to: &bytes)
        JSONWriter.append(Int64(fragment.tokensCount), to: &bytes)
        JSONWriter.append(
            fragment.containsDrafted ? #","containsDrafted":true"# : #","containsDrafted":false"#,
            to: &bytes
        )
        switch fragment.reasoningType {
        case .none:
            JSONWriter.append(#","reasoningType":"none","isStructural":false"#, to: &bytes)
        case .reasoning:
            JSONWriter.append(#","reasoningType":"reasoning","isStructural":false"#, to: &bytes)
        case .reasoningStartTag:
            JSONWriter.append(
                #","reasoningType":"reasoningStartTag","isStructural":true"#,
                to: &bytes
            )
        case .reasoningEndTag:
            JSONWriter.append(
                #","reasoningType":"reasoningEndTag","isStructural":true"#,
                to: &bytes
            )
        }
        if !fragment.tokens.isEmpty {
            JSONWriter.append(#","tokens":"#, to: &bytes)
            JSONWriter.append(.array(fragment.tokens.map(\.json)), to: &bytes)
        }
        JSONWriter.append("}}}", to: &bytes)
    }
}
