internal import ArchivedAudio
internal import AudioFormats
internal import SpeechTypes

/// An archive on a server, read by parts; of one thread.
final class RemoteArchive: ArchiveSource {
    /// What is known of one for as long as it stays as it is.
    struct Facts: Sendable {
        let byteCount: Int
        /// Nil where the server tells none that can be relied on.
        let tag: String?
        let modified: String
        /// Its first bytes.
        let head: [UInt8]
    }

    /// The first request, which finds out how long it is.
    static let headBytes = 1 << 12

    let name: String
    private let address: PathBytes
    private let remote: RemoteAddress
    private let sources: RemoteSources
    private let progress: EngineProgress?
    /// What was read last, and where it stands.
    private var kept: (start: Int, bytes: [UInt8]) = (0, [])
    private var ahead = ReadAhead()

    init(
        _ address: PathBytes, _ remote: RemoteAddress, _ sources: RemoteSources,
        _ progress: EngineProgress?
    ) {
        name = remote.text
        self.address = address
        self.remote = remote
        self.sources = sources
        self.progress = progress
    }

    private func facts() throws(AudioError) -> Facts {
        try sources.facts(of: address, remote, progress: progress)
    }

    func version() throws(AudioError) -> String {
        let facts = try facts()
        return "\(facts.byteCount) \(facts.tag ?? "") \(facts.modified)"
    }

    func byteCount() throws(AudioError) -> Int { try facts().byteCount }

    func bytes(at offset: Int, count: Int) throws(AudioError) -> [UInt8] {
        let facts = try facts()
        let end = min(facts.byteCount, offset + count)
        guard offset < end else { return [] }
        if end <= facts.head.count { return Array(facts.head[offset..<end]) }
        if offset < kept.start || end > kept.start + kept.bytes.count {
            let window =
                offset..<min(facts.byteCount, offset + ahead.bytes(at: offset, count: count))
            kept = (
                offset,
                try fetching { () throws(AudioError) in
                    try sources.bytes(of: remote, window, tag: facts.tag, progress: progress)
                }
            )
        }
        let start = offset - kept.start
        return Array(kept.bytes[start..<min(kept.bytes.count, start + end - offset)])
    }

    func part(
        _ range: Range<Int>, named name: String, asKnown: Bool
    ) throws(AudioError) -> AudioFile {
        // A server takes no empty range; of no file the bytes before are a part, too.
        guard !range.isEmpty else {
            throw AudioError(.audioEmpty, name, "the member has no bytes")
        }
        let tag = asKnown ? try facts().tag : nil
        let file = try fetching { () throws(AudioError) in
            try sources.part(
                of: address, remote, range, tag: tag, named: name, progress: progress)
        }
        guard file.byteCount == range.count else {
            throw .cut(name, self.name, range.lowerBound + file.byteCount)
        }
        return file
    }

    /// An archive that changes is looked at anew by the next try.
    private func fetching<Value>(
        _ body: () throws(AudioError) -> Value
    ) throws(AudioError) -> Value {
        do throws(AudioError) {
            return try body()
        } catch {
            if error.failureClass == .source { sources.forget(address) }
            throw error
        }
    }
}

/// How much is asked for at once where headers are read one after another: what stands between them is read along where
/// that is quicker than another request.
struct ReadAhead {
    /// At 100 Mbit/s what comes in the time of an answer, 10 ms.
    private static let nearBytes = 128 << 10
    private static let streamBytes = 4 << 20
    private static let stepBytes = 4 << 10

    private var last: Int?
    /// How far apart the headers are, on the average of the last ones.
    private var distance = nearBytes

    /// - Parameter count: what is needed.
    mutating func bytes(at offset: Int, count: Int) -> Int {
        if let last { distance = (3 * distance + max(0, offset - last)) / 4 }
        last = offset
        return max(count, distance < Self.nearBytes ? Self.streamBytes : Self.stepBytes)
    }
}
