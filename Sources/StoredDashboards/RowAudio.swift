internal import AudioFormats
package import AudioPlaces
package import HTTPService
package import Manifests
internal import SpeechTypes

/// The audio of a job's rows over HTTP: files of this machine that a row names, in ranges (RFC 9110, section 14).
package struct RowAudio: Sendable {
    private let rows: IndexedManifest
    private let paths: AudioPathPolicy

    /// An answer has at most this much: whoever plays on asks for the next part.
    package static let bytesMax = 1 << 20

    /// - Parameter paths: which files may be read. It fetches nothing, runs no command, and takes nothing out of
    ///   archives.
    package init(_ rows: IndexedManifest, paths: AudioPathPolicy) {
        precondition(
            paths.commands == nil && paths.sources == nil && paths.archives == nil,
            "only files of this machine are shown")
        self.rows = rows
        self.paths = paths
    }

    /// The audio of a row, or why there is none.
    ///
    /// - Parameter ordinal: of the row, from 0.
    package func reply(_ ordinal: Int, _ request: HTTPRequest) -> HTTPReply {
        guard (0..<rows.rowCount).contains(ordinal) else {
            return HTTPReply(404, "there is no such row\n")
        }
        do {
            let row = try ManifestRow.parse(raw: try rows.raw(of: ordinal))
            guard row.hasAudio else { return HTTPReply(404, "the row names no audio\n") }
            return try reply(try paths.open(row.audioPath), request)
        } catch let error as AudioError {
            return HTTPReply(404, "\(error.code.rawValue)\n")
        } catch {
            return HTTPReply(404, "the row cannot be read\n")
        }
    }

    private func reply(
        _ file: AudioFile, _ request: HTTPRequest
    ) throws(AudioError) -> HTTPReply {
        let size = file.byteCount
        guard let type = Self.contentType(of: try file.bytes(at: 0, count: 16)) else {
            return HTTPReply(415, "browsers play no such file; scriptorium show plays any\n")
        }
        let range: Range<Int>
        var status = 206
        switch HTTPByteRange(request.fields["range"], size: size) {
        case .none where size <= Self.bytesMax:
            range = 0..<size
            status = 200
        case .none: return HTTPReply(413, "ask for a range of bytes\n")
        case .unsatisfiable:
            var reply = HTTPReply(416, "the file has \(size) bytes\n")
            reply.fields["Content-Range"] = "bytes */\(size)"
            return reply
        case .range(let asked): range = asked.prefix(Self.bytesMax)
        }
        let bytes = try file.bytes(at: range.lowerBound, count: range.count)
        // A file that has become shorter since its size was asked has no such range any more.
        guard bytes.count == range.count else { return HTTPReply(404, "the file has changed\n") }
        var reply = HTTPReply(status, bytes: bytes)
        reply.contentType = type
        reply.fields["Accept-Ranges"] = "bytes"
        if status == 206 {
            reply.fields["Content-Range"] =
                "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"
        }
        return reply
    }

    /// What browsers play, by how the file begins; nil for anything else, so that nothing is served that is no audio.
    static func contentType(of head: [UInt8]) -> String? {
        func has(_ text: String, at place: Int) -> Bool {
            head.dropFirst(place).starts(with: text.utf8)
        }
        if has("RIFF", at: 0), has("WAVE", at: 8) { return "audio/wav" }
        if has("fLaC", at: 0) { return "audio/flac" }
        if has("OggS", at: 0) { return "audio/ogg" }
        if has("ID3", at: 0) { return "audio/mpeg" }
        if has("ftyp", at: 4) { return "audio/mp4" }
        if head.starts(with: [0x1A, 0x45, 0xDF, 0xA3]) { return "audio/webm" }
        // A frame of MPEG audio: eleven bits set, and neither a version, a layer nor a rate that is none.
        guard head.count > 2, head[0] == 0xFF, head[1] & 0xE0 == 0xE0, head[1] & 0x18 != 0x08,
            head[1] & 0x06 != 0, head[2] & 0xF0 != 0xF0, head[2] & 0x0C != 0x0C
        else { return nil }
        return "audio/mpeg"
    }
}

extension Range<Int> {
    fileprivate func prefix(_ count: Int) -> Range {
        lowerBound..<Swift.min(upperBound, lowerBound + count)
    }
}
