internal import Digests

/// Messages to bytes and back: one frame each.
///
/// A frame is a header of 24 bytes, the meta (a flat JSON object) and the payload (raw bytes that
/// the meta says how to cut). Numbers of the header are little endian.
///
/// ```
///  0  4  magic "SCTM"
///  4  1  major
///  5  1  minor
///  6  1  kind
///  7  1  zero
///  8  4  meta length
/// 12  4  payload length
/// 16  4  CRC-32C of meta and payload
/// 20  4  zero
/// ```
package enum MessageCodec {
    /// Bytes before the meta.
    package static let headerBytes = 24
    private static let magic = Array("SCTM".utf8)

    /// The message as one frame.
    package static func encode(_ message: ClusterMessage) -> [UInt8] {
        let (meta, payload) =
            switch message {
            case .worker(let message): message.body
            case .coordinator(let message): message.body
            case .statusRequest: (meta: MetaWriter().finish(), payload: [])
            case .statusReply(let status): (meta: status.meta, payload: [])
            case .command(let command): (meta: command.meta, payload: [])
            case .commandReply(let answer): (meta: answer.meta, payload: [])
            }
        return frame(kind: message.kind.rawValue, meta: meta, payload: payload)
    }

    /// A frame around given parts; tests make malformed ones with it.
    package static func frame(
        kind: UInt8, meta: [UInt8], payload: [UInt8],
        major: UInt8 = ProtocolVersion.major, minor: UInt8 = ProtocolVersion.minor
    ) -> [UInt8] {
        var frame: [UInt8] = []
        frame.reserveCapacity(headerBytes + meta.count + payload.count)
        frame += magic
        frame += [major, minor, kind, 0]
        append(UInt32(meta.count), to: &frame)
        append(UInt32(payload.count), to: &frame)
        let checksum = CRC32C.checksum(of: payload, seed: CRC32C.checksum(of: meta))
        append(checksum, to: &frame)
        append(0, to: &frame)
        frame += meta
        frame += payload
        return frame
    }

    /// Reads one frame.
    ///
    /// Never traps, whatever the bytes are; lengths are checked before anything is allocated.
    package static func decode(
        _ frame: UnsafeRawBufferPointer, limits: ClusterLimits = ClusterLimits()
    ) throws(ProtocolError) -> ClusterMessage {
        let (kind, metaCount) = try checkHeader(frame, limits)
        let payloadStart = headerBytes + metaCount
        let meta = UnsafeRawBufferPointer(rebasing: frame[headerBytes..<payloadStart])
        let payload = UnsafeRawBufferPointer(rebasing: frame[payloadStart...])
        let reader = try MetaReader(meta, limits: limits)
        if let message = try WorkerMessage(kind, reader, payload, limits) {
            return .worker(message)
        }
        if let message = try CoordinatorMessage(kind, reader, payload, limits) {
            return .coordinator(message)
        }
        try requireNoPayload(payload)
        switch kind {
        case .statusRequest: return .statusRequest
        case .command: return .command(try OperatorCommand(reader, limits))
        case .commandReply: return .commandReply(try OperatorAnswer(reader, limits))
        default: return .statusReply(try JobStatus(reader, limits))
        }
    }

    /// Reads one frame.
    package static func decode(
        _ frame: [UInt8], limits: ClusterLimits = ClusterLimits()
    ) throws(ProtocolError) -> ClusterMessage {
        // A closure would lose the error's type, so the result carries it.
        let result = frame.withUnsafeBytes { bytes -> Result<ClusterMessage, ProtocolError> in
            do throws(ProtocolError) {
                return .success(try decode(bytes, limits: limits))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Checks everything before the meta, and the checksum.
    private static func checkHeader(
        _ frame: UnsafeRawBufferPointer, _ limits: ClusterLimits
    ) throws(ProtocolError) -> (kind: MessageKind, metaCount: Int) {
        guard frame.count >= headerBytes else {
            throw ProtocolError(.tooShort, "\(frame.count) bytes are too few for a message")
        }
        guard frame.count <= limits.frameBytesMax else {
            throw ProtocolError(
                .tooLarge, "\(frame.count) bytes are more than \(limits.frameBytesMax)")
        }
        guard frame.prefix(4).elementsEqual(magic) else {
            throw ProtocolError(.magic, "the bytes are not a message of this protocol")
        }
        guard frame[4] == ProtocolVersion.major else {
            throw ProtocolError(
                .version,
                "protocol \(frame[4]).\(frame[5]) is spoken there and \(ProtocolVersion.major) here"
            )
        }
        guard let kind = MessageKind(rawValue: frame[6]) else {
            throw ProtocolError(.kind, "kind \(frame[6]) is not known here")
        }
        guard frame[7] == 0, number(frame, at: 20) == 0 else {
            throw ProtocolError(.header, "a byte that must be zero is not")
        }
        let metaCount = Int(number(frame, at: 8))
        let payloadCount = Int(number(frame, at: 12))
        guard metaCount <= limits.metaBytesMax else {
            throw ProtocolError(
                .tooLarge, "\(metaCount) bytes of meta are more than \(limits.metaBytesMax)")
        }
        guard metaCount + payloadCount == frame.count - headerBytes else {
            throw ProtocolError(.header, "the lengths in the header are not those of the message")
        }
        let body = UnsafeRawBufferPointer(rebasing: frame[headerBytes...])
        guard CRC32C.checksum(of: body) == number(frame, at: 16) else {
            throw ProtocolError(.checksum, "the message is damaged: its CRC-32C differs")
        }
        return (kind, metaCount)
    }

    private static func number(_ frame: UnsafeRawBufferPointer, at offset: Int) -> UInt32 {
        UInt32(littleEndian: frame.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    private static func append(_ number: UInt32, to frame: inout [UInt8]) {
        withUnsafeBytes(of: number.littleEndian) { frame.append(contentsOf: $0) }
    }
}

/// Refuses bytes behind the meta of a message that has none.
func requireNoPayload(_ payload: UnsafeRawBufferPointer) throws(ProtocolError) {
    guard payload.isEmpty else {
        throw ProtocolError(.payload, "a message of this kind carries no payload")
    }
}

/// A payload of pieces, one after the other.
func endToEnd(_ pieces: [[UInt8]]) -> [UInt8] {
    var payload: [UInt8] = []
    payload.reserveCapacity(pieces.reduce(0) { $0 + $1.count })
    for piece in pieces { payload.append(contentsOf: piece) }
    return payload
}

/// Cuts a payload into pieces of the given lengths, which must add up to all of it.
func cut(
    _ payload: UnsafeRawBufferPointer, _ lengths: [Int]
) throws(ProtocolError) -> [[UInt8]] {
    var pieces: [[UInt8]] = []
    pieces.reserveCapacity(lengths.count)
    var start = 0
    for length in lengths {
        // Lengths are at most 2^53 and `start` is at most the payload's: the sum cannot overflow.
        guard start + length <= payload.count else {
            throw ProtocolError(.payload, "the lengths add up to more than the payload")
        }
        pieces.append(Array(payload[start..<start + length]))
        start += length
    }
    guard start == payload.count else {
        throw ProtocolError(.payload, "the lengths add up to less than the payload")
    }
    return pieces
}
