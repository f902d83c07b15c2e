/// A connection to the coordinator: where it came in, the key that it showed, and its routing id.
package struct PeerID: Hashable, Sendable {
    package let bytes: [UInt8]

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }
}
