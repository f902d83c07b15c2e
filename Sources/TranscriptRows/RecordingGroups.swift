internal import Files
internal import SpeechTypes

/// Brings the segments of each recording together, however their rows are mixed, in bounded memory:
/// that of one recording's segments, beside what sorting takes.
///
/// Recordings come in the order of their names, so that those whose names are alike are neighbours and
/// get names of their own, which depend on nothing but which recordings there are.
package final class RecordingGroups {
    private let sort: ExternalSort
    private let namesSegments: Bool
    /// The recording that was added last and what its keys begin with, as its rows are often neighbours.
    private var added: (audio: PathBytes, name: RecordingName, key: [UInt8])?
    /// Where the segment that was passed on last stands in its recording.
    private var passed = (start: MediaTime.zero, channel: 0)
    /// What the current recording's keys begin with.
    private var prefix: [UInt8] = []
    private var current: Pending?
    private var previous: RecordingName?
    /// Names with extensions that stand for a shared one, while a recording may still come whose name
    /// without extension is the same.
    private var taken: Set<RecordingNamePlace> = []
    private var repeated = 1

    private struct Pending {
        let name: RecordingName
        var segments: [TranscriptSegment]
    }

    private struct RecordingNamePlace: Hashable {
        let folder: String
        let name: String
    }

    /// - Parameters:
    ///   - folder: for what does not fit into memory.
    ///   - namesSegments: whether segments get an `id`, which takes time.
    package init(
        in folder: String, namesSegments: Bool = true,
        memoryBytesMax: Int = ExternalSort.memoryBytesMax
    ) {
        self.namesSegments = namesSegments
        sort = ExternalSort(in: folder, memoryBytesMax: memoryBytesMax)
    }

    /// Takes a segment.
    ///
    /// - Throws: `storage` if it cannot be kept.
    package func add(_ segment: TranscriptSegment) throws(ExportError) {
        var (_, key) = start(ofKeysOf: segment.audio)
        Self.append(segment.start.nanoseconds, to: &key)
        Self.append((segment.channel ?? -1) + 1, to: &key)
        Self.append(segment.lineNumber, to: &key)
        try sort.add(key: key, SegmentCoding.bytes(segment))
    }

    private func start(ofKeysOf audio: PathBytes) -> (name: RecordingName, key: [UInt8]) {
        if let added, added.audio == audio { return (added.name, added.key) }
        let name = RecordingName(audio)
        var key: [UInt8] = []
        key.reserveCapacity(audio.bytes.count * 2 + 32)
        for part in [name.stem, name.folder, name.name] {
            key += part.utf8
            key.append(0)
        }
        key += audio.bytes
        key.append(0)
        added = (audio, name, key)
        return (name, key)
    }

    /// Takes a segment that belongs behind all before it, and calls `body` with the recording before its
    /// own: as long as segments come in their order, nothing needs to be sorted or kept.
    ///
    /// - Returns: false for a segment that belongs before another one; it was not taken, and all of them
    ///   have to be added to other groups from the first one on.
    /// - Throws: what `body` throws.
    package func pass(
        _ segment: TranscriptSegment, _ body: (TranscribedRecording) throws(ExportError) -> Void
    ) throws(ExportError) -> Bool {
        let (name, start) = start(ofKeysOf: segment.audio)
        let place = (start: segment.start, channel: (segment.channel ?? -1) + 1)
        // A second reference to the segments would make each append a copy.
        if current != nil, start == prefix {
            guard passed <= place else { return false }
            current?.segments.append(segment)
            passed = place
            return true
        }
        if let current {
            guard prefix.lexicographicallyPrecedes(start) else { return false }
            try body(finished(current, before: name))
        }
        prefix = start
        passed = place
        current = Pending(name: name, segments: [segment])
        return true
    }

    /// Calls `body` with the recording of the segments that were passed on last.
    ///
    /// - Throws: what `body` throws.
    package func passLast(
        _ body: (TranscribedRecording) throws(ExportError) -> Void
    ) throws(ExportError) {
        if let current { try body(finished(current, before: nil)) }
        current = nil
    }

    private static let numbersBytes = 24

    private static func append(_ number: Int, to key: inout [UInt8]) {
        withUnsafeBytes(of: number.bigEndian) { key += $0 }
    }

    /// Calls `body` with each recording.
    ///
    /// - Throws: `storage` or `unreadable` of what was kept outside of memory, or what `body` throws.
    package func forEach(
        _ body: (TranscribedRecording) throws(ExportError) -> Void
    ) throws(ExportError) {
        try sort.forEach { key, payload throws(ExportError) in
            let segment = SegmentCoding.segment(payload)
            let start = UnsafeRawBufferPointer(rebasing: key.dropLast(Self.numbersBytes))
            if current != nil, start.elementsEqual(prefix) {
                current?.segments.append(segment)
                return
            }
            let next = Pending(name: RecordingName(segment.audio), segments: [segment])
            if let current { try body(finished(current, before: next.name)) }
            prefix = Array(start)
            current = next
        }
        if let current { try body(finished(current, before: nil)) }
        current = nil
    }

    private func finished(_ pending: Pending, before next: RecordingName?) -> TranscribedRecording {
        let name = pending.name
        repeated = name == previous ? repeated + 1 : 1
        let suffix = repeated > 1 ? "~\(repeated)" : ""
        let isShared = previous?.stem == name.stem || next?.stem == name.stem
        let isSharedInFolder =
            isShared
            && [previous, next].contains { $0?.stem == name.stem && $0?.folder == name.folder }
        previous = name

        // A recording x.mp3.wav would be called as x.mp3 is, where that shares its stem with x.wav.
        let place = RecordingNamePlace(folder: name.folder, name: name.stem)
        var file = name.stem
        if isSharedInFolder || taken.contains(place) {
            file = name.name + suffix
            taken.insert(RecordingNamePlace(folder: name.folder, name: name.name))
        }
        // Names sort behind their own starts: what sorts before the present stem cannot come any more.
        if taken.count > 1_000 {
            taken = taken.filter { !$0.name.utf8.lexicographicallyPrecedes(name.stem.utf8) }
        }
        var recording = TranscribedRecording(
            audio: pending.segments[0].audio, id: isShared ? name.long + suffix : name.stem,
            outputPath: name.path(file), segments: pending.segments)
        if namesSegments { Self.nameSegments(&recording) }
        return recording
    }

    /// Gives each segment the row's `id` or one of recording, channel and span.
    private static func nameSegments(_ recording: inout TranscribedRecording) {
        var counts: [String: Int] = [:]
        for index in recording.segments.indices {
            let segment = recording.segments[index]
            let channel = segment.channel.map { "-" + ChannelLetter.text($0) } ?? ""
            if let id = segment.rowID {
                // Parts of rows have ids that say all of it.
                let isWhole = segment.isOneOfChannels && segment.parent == nil
                recording.segments[index].id = isWhole ? id + channel : id
                continue
            }
            var id = Array((recording.id + channel + "-").utf8)
            id.appendDecimal(segment.start.milliseconds, digits: 9)
            id.append(UInt8(ascii: "-"))
            id.appendDecimal(segment.end.milliseconds, digits: 9)
            let text = String(decoding: id, as: UTF8.self)
            let count = counts[text, default: 0] + 1
            counts[text] = count
            recording.segments[index].id = count == 1 ? text : "\(text)-\(count)"
        }
    }
}

/// Channels as NIST's formats name them: A, B, …, and behind Z numbers from 27 on.
package enum ChannelLetter {
    package static func text(_ channel: Int) -> String {
        channel < 26
            ? String(Unicode.Scalar(UInt8(ascii: "A") + UInt8(channel))) : String(channel + 1)
    }
}
