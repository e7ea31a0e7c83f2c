/// Who is asking.
package enum Peer {
    /// Whether what is done is done for another program, over a network.
    ///
    /// Such a one has the models of the store, and learns nothing of other files.
    @TaskLocal package static var isAsking = false
}
