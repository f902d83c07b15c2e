internal import SpeechTypes

/// What a walk over every page of an Ogg file found; a failed check is thrown.
///
/// libogg skips pages whose sum is wrong without a word, and libsndfile passes the gap on, so the
/// pages are checked before anything is decoded.
package struct OggPages: Equatable {
    /// The last page is incomplete, or no stream has its end mark.
    private(set) var isCutShort = false
    /// A stream begins after another has ended: only the first would be decoded.
    package private(set) var isChained = false
    /// Several streams run side by side, as sound and pictures do.
    package private(set) var isMultiplexed = false
    /// The pages between the headers and the first page of sound are missing: someone joined a
    /// broadcast.
    private(set) var beginsInMidstream = false
    /// Places within the sound where pages are missing.
    private(set) var gapCount = 0
    /// The first of them, a few.
    private(set) var gaps: [Gap] = []
    /// Bytes between pages that belong to none, and behind the last.
    private(set) var strayBytes = 0
    private(set) var trailingBytes = 0
    /// Seconds from the first to the last position that pages of sound state, lost ones included; nil
    /// for chains and unknown codecs.
    package private(set) var statedSeconds: Double?

    struct Gap: Equatable {
        /// Position of the last page before, in seconds from the start of the sound.
        var seconds: Double
        /// From that position to the one of the page behind the gap.
        var lengthSeconds: Double
        var pageCount: Int
    }

    /// Streams within one file; more are not audio.
    private static let streamsMax = 64
    private static let windowBytes = 1 << 18
    private static let gapsListedMax = 5

    private struct Stream: Equatable {
        var next: UInt32
        var clock: OggClock?
        var dataPages = 0
    }

    private var streams: [UInt32: Stream] = [:]
    private var hasEnded = false
    private var isBeginning = true
    private var firstSerial: UInt32?

    package init(checking file: AudioFile) throws(AudioError) {
        var window: [UInt8] = []
        var windowStart = 0
        var offset = 0
        /// Where bytes of no page began, if the last ones were.
        var stray: Int?
        while offset < file.byteCount {
            // A page is at most 65,307 bytes, so a refilled window always holds one.
            if offset - windowStart + OggPage.byteCountMax > window.count,
                windowStart + window.count < file.byteCount || window.isEmpty
            {
                window = try file.bytes(at: offset, count: Self.windowBytes)
                windowStart = offset
            }
            let start = offset - windowStart
            guard let page = OggPage(window, at: start) else {
                if window[start...].starts(with: OggPage.marker.prefix(window.count - start)) {
                    isCutShort = true
                    if stray == nil { break }
                }
                stray = stray ?? offset
                offset += 1
                // On to where a page may begin.
                let rest = window[(offset - windowStart)...]
                offset = windowStart + (rest.firstIndex(of: OggPage.marker[0]) ?? window.count)
                continue
            }
            guard page.hasValidChecksum(in: window, at: start) else {
                if stray != nil {
                    offset += 1
                    continue
                }
                throw Self.damage(file, "the checksum of the page at offset \(offset) is wrong")
            }
            let isSound = try add(page, window, start, afterStray: stray != nil, file, offset)
            if let begun = stray.take(), isSound { strayBytes += offset - begun }
            offset += page.byteCount
        }
        if let stray {
            let tail = try file.bytes(at: stray, count: 32)
            if !tail.starts(with: Array("TAG".utf8)), MPEGTags.length(tail) == 0,
                try file.firstNonZero(from: stray) != nil
            {
                trailingBytes = file.byteCount - stray
            }
        }
        finish()
    }

    private mutating func finish() {
        if !hasEnded { isCutShort = true }
        if !isChained, let firstSerial { statedSeconds = streams[firstSerial]?.clock?.seconds }
    }

    /// Takes a page whose sum is right; returns true.
    private mutating func add(
        _ page: OggPage, _ window: [UInt8], _ start: Int, afterStray: Bool, _ file: AudioFile,
        _ offset: Int
    ) throws(AudioError) -> Bool {
        if page.isFirst {
            if hasEnded { isChained = true }
            if isBeginning, !streams.isEmpty { isMultiplexed = true }
            guard streams.count < Self.streamsMax else {
                throw Self.damage(file, "more than \(Self.streamsMax) streams")
            }
            firstSerial = firstSerial ?? page.serial
            streams[page.serial] = Stream(
                next: page.sequence &+ 1,
                clock: OggClock(
                    packet: window[(start + page.headerBytes)..<(start + page.byteCount)]))
        } else {
            isBeginning = false
            guard var stream = streams[page.serial] else {
                throw Self.damage(
                    file, "the page at offset \(offset) is of a stream without a start")
            }
            let missing = Int(page.sequence &- stream.next)
            if missing != 0 {
                // A page that went to pieces is damage; one that is not there was lost on the way.
                if afterStray {
                    throw Self.damage(file, "the page before offset \(offset) is in pieces")
                }
                guard missing < 1 << 31 else {
                    throw Self.damage(file, "the page at offset \(offset) stands out of order")
                }
                note(missing, &stream, page)
            }
            if page.position != 0 { stream.dataPages += 1 }
            stream.clock?.advance(to: page.position)
            stream.next = page.sequence &+ 1
            streams[page.serial] = stream
        }
        if page.isLast { hasEnded = true }
        return true
    }

    private mutating func note(_ missing: Int, _ stream: inout Stream, _ page: OggPage) {
        // Header pages have position 0.
        guard stream.dataPages > 0 else {
            beginsInMidstream = true
            stream.clock?.restart(at: page.position)
            return
        }
        gapCount += 1
        guard gaps.count < Self.gapsListedMax else { return }
        let before = stream.clock?.seconds ?? 0
        let length = stream.clock?.seconds(to: page.position) ?? 0
        gaps.append(Gap(seconds: before, lengthSeconds: length, pageCount: missing))
    }

    private static func damage(_ file: AudioFile, _ what: String) -> AudioError {
        AudioError(.audioDamaged, file.path, "Ogg: \(what); fetch or encode the file again")
    }
}

extension OggPages {
    /// Pages are missing or other bytes stand between them: decoders must not insist.
    package var isBroken: Bool { beginsInMidstream || gapCount > 0 || strayBytes > 0 }

    package var findings: FileFindings {
        var findings = FileFindings()
        if isCutShort { findings.sentences.append("cut short: the Ogg stream has no end mark") }
        if beginsInMidstream {
            findings.sentences.append(
                "pages are missing between the Ogg headers and the first sound: the recording begins in "
                    + "the middle of a broadcast")
        }
        if gapCount > 0 {
            let places = gaps.map { gap in
                "\(gap.pageCount) at \(Self.text(gap.seconds)) s (\(Self.text(gap.lengthSeconds)) s to "
                    + "the next)"
            }
            findings.sentences.append(
                "Ogg pages are missing in \(gapCount) place\(gapCount == 1 ? "" : "s"): "
                    + places.joined(separator: ", ") + (gapCount > gaps.count ? " and more" : ""))
            findings.code = .lostInside
            findings.statedSeconds = statedSeconds
        }
        if strayBytes > 0 {
            findings.sentences.append(
                "\(strayBytes) bytes between Ogg pages belong to none and were passed over")
        }
        if trailingBytes > 0 {
            findings.sentences.append(
                "\(trailingBytes) bytes behind the last Ogg page were not read")
        }
        return findings
    }

    private static func text(_ seconds: Double) -> String {
        String((seconds * 100).rounded() / 100)
    }
}
