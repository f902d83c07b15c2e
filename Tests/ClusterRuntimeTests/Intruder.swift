internal import ClusterProtocol
internal import Digests
internal import SpeechTypes

/// Words of a peer that is up to no good, though its key is allowed.
struct Intruder {
    private var chance: SeededGenerator
    /// The session that it has, or had.
    var session = 0

    init(seed: UInt64) { chance = SeededGenerator(seed: seed) }

    /// A greeting that the stand-in's coordinator takes.
    static func hello(slot: String) -> ClusterMessage {
        .worker(
            .hello(
                Hello(
                    identity: WorkerIdentity(
                        slot: slot, instance: String(repeating: "ab", count: 16), build: "intruder",
                        modelDigest: digest("stand-in"), engineNumber: 1,
                        arithmetic: "fp32/stand-in", arithmeticClasses: ["fp32/stand-in"],
                        canaryDigest: digest("canary"), cores: 1, memoryBytes: 1 << 30, speed: 0),
                    firstNumber: 1, held: [], inEngine: [])))
    }

    private static func digest(_ text: String) -> ContentDigest {
        SHA256Hasher.digest(of: Array(text.utf8))
    }

    /// A frame: a message that may be right in form and is wrong in content, or one with some of
    /// its bytes changed and a right checksum.
    ///
    /// It never asks for rows: a worker that takes rows and lies about them is trusted.
    mutating func frame() -> [UInt8] {
        let bytes = MessageCodec.encode(message())
        switch draw(0...5) {
        case 0: return mutated(bytes)
        case 1: return Array(bytes.prefix(draw(0...bytes.count)))
        case 2: return (0..<draw(0...200)).map { _ in UInt8(draw(0...255)) }
        default: return bytes
        }
    }

    private mutating func mutated(_ frame: [UInt8]) -> [UInt8] {
        var body = Array(frame[MessageCodec.headerBytes...])
        for _ in 0...draw(0...3) where !body.isEmpty {
            switch draw(0...2) {
            case 0: body[draw(0...(body.count - 1))] = UInt8(draw(0...255))
            case 1: body.remove(at: draw(0...(body.count - 1)))
            default: body.insert(UInt8(draw(32...126)), at: draw(0...body.count))
            }
        }
        return MessageCodec.frame(kind: frame[6], meta: body, payload: [])
    }

    private mutating func message() -> ClusterMessage {
        // Its own session, one that others may have, or none.
        let session = draw(0...3) == 0 ? max(0, self.session + draw(-3...3)) : self.session
        let ordinal = draw(0...100)
        let digest = SHA256Hasher.digest(of: [UInt8(draw(0...255))]).short
        switch draw(0...7) {
        case 0:
            return Self.hello(slot: "intruder/\(draw(0...2))")
        case 1:
            return .worker(
                .started(Started(session: session, ordinals: [ordinal, draw(0...1_000)])))
        case 2:
            let record = Array("{\"pred_text\":\"lies\"}".utf8)
            return .worker(
                .results(
                    Results(
                        session: session, number: draw(0...5),
                        rows: [
                            ResultRow(
                                ordinal: ordinal, rowDigest: digest, record: record,
                                recordCRC: CRC32C.checksum(of: record), recordDigest: digest,
                                audioDigest: digest, audioMilliseconds: 1_000, warning: "")
                        ])))
        case 3:
            return .worker(
                .failure(
                    Failure(
                        session: session, number: draw(0...5), lease: draw(0...40),
                        ordinal: ordinal, rowDigest: digest, failureClass: .input,
                        code: .audioDamaged, detail: "lies")))
        case 4:
            return .worker(
                .release(
                    Release(
                        session: session, number: draw(0...5), lease: draw(0...40),
                        ordinals: [ordinal], reason: .drain)))
        case 5:
            return .worker(
                .heartbeat(
                    Heartbeat(
                        session: session, number: draw(0...9), leases: [draw(0...40)],
                        inEngine: [ordinal], progressAgeMilliseconds: draw(0...1_000_000),
                        isWaitingForWindow: false, credit: .none)))
        case 6:
            return draw(0...1) == 0
                ? .coordinator(.drain(session: session)) : .coordinator(.unknownSession)
        default:
            return .worker(.goodbye(Goodbye(session: session, reason: .engine)))
        }
    }

    private mutating func draw(_ range: ClosedRange<Int>) -> Int {
        Int.random(in: range, using: &chance)
    }
}
