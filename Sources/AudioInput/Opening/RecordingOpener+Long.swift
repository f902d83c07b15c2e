internal import AudioFormats
internal import SpeechTypes

/// Containers of chunks with sizes of 64 bits: CAF and Wave64.
extension RecordingOpener {
    /// CAF: the size of the samples is -1 while they are written, and may be more or less than there is.
    func openCAF(_ file: AudioFile) throws(AudioError) -> OpenedRecording {
        var opened = try openByTable(file, .caf)
        var offset = 8
        var secondsPerByte: Double?
        for _ in 0..<Self.chunksMax {
            let head = try file.bytes(at: offset, count: 44)
            guard head.count >= 12 else { break }
            let size = head[4..<12].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            if head.starts(with: Array("desc".utf8)), head.count == 44 {
                let rate = Double(
                    bitPattern: head[12..<20].reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
                let bytes = head[28..<32].reduce(0) { $0 << 8 | Int($1) }
                let frames = head[32..<36].reduce(0) { $0 << 8 | Int($1) }
                if bytes > 0, frames > 0, rate >= 1, rate.isFinite {
                    secondsPerByte = Double(frames) / Double(bytes) / rate
                }
            }
            let isSamples = head.starts(with: Array("data".utf8))
            // Never written, or not known.
            guard size > 4, size < 1 << 62 else {
                if isSamples { break }
                offset += 12 + (size < 1 << 62 ? Int(size) : 0)
                continue
            }
            if isSamples, let secondsPerByte {
                // Four bytes count edits.
                opened.findings.statedSeconds = Double(size - 4) * secondsPerByte
                opened.findings.slackSeconds = 0.1
                try noteRest(
                    of: file, from: offset + 12 + Int(size), secondsPerByte, &opened.findings)
            }
            offset += 12 + Int(size)
        }
        return opened
    }

    /// Wave64: libsndfile reads to the end of the file whatever the size says.
    func openWave64(_ file: AudioFile) throws(AudioError) -> OpenedRecording {
        var opened = try openByTable(file, .wave64)
        var offset = 40
        var byteRate = 0
        for _ in 0..<Self.chunksMax {
            let head = try file.bytes(at: offset, count: 40)
            guard head.count >= 24 else { break }
            let size = head[16..<24].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            guard size >= 24, size < 1 << 62 else { break }
            if head.starts(with: Array("fmt ".utf8)), head.count >= 36 {
                byteRate = head[32..<36].reversed().reduce(0) { $0 << 8 | Int($1) }
            }
            if head.starts(with: Array("data".utf8)) {
                if byteRate > 0, size > 24 {
                    opened.findings.statedSeconds = Double(size - 24) / Double(byteRate)
                    opened.findings.slackSeconds = 0.1
                }
                break
            }
            offset += (Int(size) + 7) / 8 * 8
        }
        return opened
    }

    private static let chunksMax = 4_096

    /// Notes bytes behind the samples that are neither a chunk nor zero.
    private func noteRest(
        of file: AudioFile, from offset: Int, _ secondsPerByte: Double,
        _ findings: inout FileFindings
    ) throws(AudioError) {
        guard file.byteCount - offset > 12 else { return }
        let head = try file.bytes(at: offset, count: 4)
        guard !head.allSatisfy({ (0x20...0x7E).contains($0) }),
            try file.firstNonZero(from: offset) != nil
        else { return }
        findings.noteUnread(
            file.byteCount - offset, seconds: Double(file.byteCount - offset) * secondsPerByte)
    }
}
