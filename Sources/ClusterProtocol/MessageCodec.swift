/// Messages to bytes and back: one frame each.
package enum MessageCodec {
    /// The message as one frame.
    package static func encode(_ message: ClusterMessage) -> [UInt8] {
        fatalError("follows")
    }

    /// Reads one frame.
    ///
    /// Never traps, whatever the bytes are; lengths are checked before anything is allocated.
    package static func decode(
        _ frame: UnsafeRawBufferPointer, limits: ClusterLimits = ClusterLimits()
    ) throws(ProtocolError) -> ClusterMessage {
        fatalError("follows")
    }

    /// Reads one frame.
    package static func decode(
        _ frame: [UInt8], limits: ClusterLimits = ClusterLimits()
    ) throws(ProtocolError) -> ClusterMessage {
        fatalError("follows")
    }
}
