internal import AudioDecoding
internal import AudioFormats
internal import SpeechTypes

/// Containers of one run of samples whose header states its size in 32 bits: AU and AIFF.
extension RecordingOpener {
    /// AU: nothing but samples may follow the header, so all that follows is samples.
    func openAU(_ file: AudioFile) throws(AudioError) -> OpenedRecording {
        let head = try file.bytes(at: 0, count: 24)
        guard head.count == 24 else { return try openByTable(file, .au) }
        let isLittle = head.starts(with: Array("dns.".utf8))
        func integer(_ offset: Int) -> Int {
            (0..<4).reduce(0) { $0 << 8 | Int(head[offset + (isLittle ? 3 - $1 : $1)]) }
        }
        let available = file.byteCount - integer(4)
        let stated = integer(8)
        let frameBytes = (Self.auSampleBytes[integer(12)] ?? 0) * integer(20)
        guard available > 0, frameBytes > 0, integer(16) > 0, stated != available else {
            return try openByTable(file, .au)
        }
        // All ones say that the size is not known; zero is what is left where it was never written.
        let isUnknown =
            stated == 0xFFFF_FFFF || stated == 0 || (0x7FFF_0000...0x8000_1000).contains(stated)
        let view = FileView(file, replacing: 8, by: [0xFF, 0xFF, 0xFF, 0xFF])
        var opened = try openByTable(file, .au, view: view)
        if !isUnknown {
            opened.findings.statedSeconds =
                Double(stated / frameBytes) / Double(integer(16))
            opened.findings.slackSeconds = 0.001
        }
        return opened
    }

    /// Bytes a sample by AU's number of the encoding.
    private static let auSampleBytes = [1: 1, 2: 1, 3: 2, 4: 3, 5: 4, 6: 4, 7: 8, 27: 1]

    /// AIFF: the chunk of samples may state another size than it has, and wraps round above 4 GiB.
    func openAIFF(_ file: AudioFile) throws(AudioError) -> OpenedRecording {
        let isCompressed = try file.bytes(at: 8, count: 4).elementsEqual("AIFC".utf8)
        let format: AudioFormat = isCompressed ? .aifc : .aiff
        let chunks = try AIFFChunks(reading: file)
        guard let samples = chunks.samples, let frameBytes = chunks.frameBytes,
            let rate = chunks.sampleRate, !isCompressed || chunks.isPlain
        else { return try openByTable(file, format) }
        let available = file.byteCount - samples.offset
        let isUnknown =
            samples.byteCount == 0 || (0x7FFF_0000...0x8000_1000).contains(samples.byteCount)
            || (0xFFFF_0000...0xFFFF_FFFF).contains(samples.byteCount)
        let wraps = (available - samples.byteCount) >> 32
        var view: FileView?
        // Zero makes libsndfile read to the end.
        if isUnknown && samples.byteCount > 0 || wraps > 0 {
            view = FileView(file, replacing: samples.sizeOffset, by: [0, 0, 0, 0])
        }
        var opened = try openByTable(file, format, view: view)
        guard !isUnknown else { return opened }
        opened.findings.statedSeconds =
            Double(max(0, samples.byteCount - 8) / frameBytes) / Double(rate)
        opened.findings.slackSeconds = 0.001
        if wraps == 0, let unread = chunks.unreadBytes {
            opened.findings.noteUnread(
                unread, seconds: Double(unread / frameBytes) / Double(rate))
        }
        return opened
    }
}

/// The chunks of an AIFF file, as far as sizes go.
struct AIFFChunks {
    private(set) var samples: (sizeOffset: Int, offset: Int, byteCount: Int)?
    private(set) var sampleRate: Int?
    private(set) var frameBytes: Int?
    /// PCM, though the file is AIFF-C.
    private(set) var isPlain = false
    /// Bytes behind the last chunk that are not zero.
    private(set) var unreadBytes: Int?

    private static let chunksMax = 4_096

    init(reading file: AudioFile) throws(AudioError) {
        var offset = 12
        for _ in 0..<Self.chunksMax {
            let head = try file.bytes(at: offset, count: 34)
            guard head.count >= 8 else { return }
            let size = Self.integer(head, 4, 4)
            let name = head.prefix(4)
            guard name.allSatisfy({ (0x20...0x7E).contains($0) }) else {
                if let first = try file.firstNonZero(from: offset), file.byteCount - first > 8 {
                    unreadBytes = file.byteCount - offset
                }
                return
            }
            if name.elementsEqual("COMM".utf8), head.count >= 26 {
                let bytes = (Self.integer(head, 14, 2) + 7) / 8 * Self.integer(head, 8, 2)
                frameBytes = bytes > 0 ? bytes : nil
                // An 80-bit float: exponent, then a whole number shifted by it.
                let exponent = Self.integer(head, 16, 2) & 0x7FFF
                let shift = 16_383 + 31 - exponent
                if (0...31).contains(shift) {
                    let rate = Self.integer(head, 18, 4) >> shift
                    sampleRate = rate > 0 ? rate : nil
                }
                isPlain =
                    head.count >= 30
                    && ["NONE", "twos", "sowt"].contains { head[26..<30].elementsEqual($0.utf8) }
            }
            if name.elementsEqual("SSND".utf8) {
                samples = (offset + 4, offset + 8, size)
            }
            offset += 8 + size + size % 2
        }
    }

    private static func integer(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> Int {
        bytes[offset..<offset + count].reduce(0) { $0 << 8 | Int($1) }
    }
}
