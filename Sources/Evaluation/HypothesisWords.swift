internal import ErrorRates
internal import JobVerification
internal import Processes
internal import SpeechTypes
internal import TranscriptRows

/// The words of an output, put to the segments of an STM file by their times.
struct HypothesisWords {
    /// Of each segment, in the order of the file's.
    private(set) var words: [[String]]
    private(set) var rowsOutsideReferences = 0
    /// Where the segments of each recording and channel lie.
    private let places: [Place: Range<Int>]
    private let channels: [String: [String]]
    private var timed: [Place: [TimedText]] = [:]
    private let path: String
    private let stm: STMFile

    private struct Place: Hashable {
        let file: String
        let channel: String
    }

    private struct TimedText {
        var start: Int
        var middle: Double
        var text: String
    }

    /// A row may reach so far into a second segment without belonging to it.
    private static let slackSeconds = 0.1

    /// - Throws: `ExportError` if the output cannot be read; `VerificationError` if a row's words cannot
    ///   be told apart by time.
    init(ofOutput path: String, for stm: STMFile) throws {
        self.path = path
        self.stm = stm
        words = Array(repeating: [], count: stm.segments.count)
        var places: [Place: Range<Int>] = [:]
        var channels: [String: [String]] = [:]
        for (index, segment) in stm.segments.enumerated() {
            let place = Place(file: segment.file, channel: segment.channel)
            if let range = places[place] {
                places[place] = range.lowerBound..<index + 1
            } else {
                places[place] = index..<index + 1
                channels[segment.file, default: []].append(segment.channel)
            }
        }
        self.places = places
        self.channels = channels
        try read()
        for (place, texts) in timed { put(texts, into: places[place] ?? 0..<0) }
        timed = [:]
    }

    private mutating func read() throws {
        var failure: VerificationError?
        let reader = RecordReader(readsWords: true)
        try RecordLines(path).forEach { line, number throws(ExportError) in
            guard failure == nil,
                case .segments(let segments) = try reader.read(line, lineNumber: number)
            else { return }
            for segment in segments {
                do throws(VerificationError) { try add(segment) } catch { failure = error }
            }
        }
        if let failure { throw failure }
    }

    private mutating func add(_ segment: TranscriptSegment) throws(VerificationError) {
        guard let place = try place(of: segment), let range = places[place] else {
            rowsOutsideReferences += 1
            return
        }
        if let words = segment.words {
            for word in words {
                let start = segment.start(of: word).nanoseconds
                let end = segment.end(of: word).nanoseconds
                timed[place, default: []].append(
                    TimedText(
                        start: start, middle: (Double(start) + Double(end)) / 2e9, text: word.text))
            }
        } else if !FlatText.isBlank(segment.text) {
            try addWithoutTimes(segment, place, range)
        }
    }

    /// A row without word times is taken as a whole if it lies in one segment.
    private mutating func addWithoutTimes(
        _ segment: TranscriptSegment, _ place: Place, _ range: Range<Int>
    ) throws(VerificationError) {
        let start = Double(segment.start.nanoseconds) / 1e9
        let end = Double(segment.end.nanoseconds) / 1e9
        let reached = stm.segments[range].filter {
            min(end, $0.end) - max(start, $0.begin) > Self.slackSeconds
        }
        guard reached.count <= 1 else {
            throw VerificationError(
                ExitStatus.usage,
                "line \(segment.lineNumber) of \(path) reaches over \(reached.count) segments of "
                    + "\(stm.path) and has no word times; transcribe with --timestamps word")
        }
        timed[place, default: []].append(
            TimedText(
                start: segment.start.nanoseconds,
                middle: reached.first.map { ($0.begin + $0.end) / 2 } ?? (start + end) / 2,
                text: segment.text))
    }

    /// Which recording and channel of the STM file a row is of; nil if of none.
    private func place(of segment: TranscriptSegment) throws(VerificationError) -> Place? {
        let path = String(decoding: segment.audio.bytes, as: UTF8.self)
        let name = path.split(separator: "/").last.map(String.init) ?? path
        var stem = name
        if let dot = name.lastIndex(of: "."), dot > name.startIndex { stem = String(name[..<dot]) }
        let file = [stem, name, path].map { $0.lowercased() }.first { channels[$0] != nil }
        guard let file, let known = channels[file] else { return nil }
        guard let channel = segment.channel else {
            guard known.count == 1 else {
                throw VerificationError(
                    ExitStatus.usage,
                    "\(stm.path) has channels \(known.joined(separator: ", ")) of \(file), and "
                        + "line \(segment.lineNumber) of \(self.path) is a mix of them; transcribe "
                        + "with --channels each")
            }
            return Place(file: file, channel: known[0])
        }
        let names = [ChannelLetter.text(channel), String(channel + 1)]
        return names.map { Place(file: file, channel: $0) }.first { places[$0] != nil }
    }

    /// As sclite: a word belongs to the first segment that its middle lies before the end of, and what
    /// is behind all to the last.
    private mutating func put(_ texts: [TimedText], into range: Range<Int>) {
        var index = range.lowerBound
        for text in texts.sorted(by: { $0.start < $1.start }) {
            while index < range.upperBound - 1, text.middle >= stm.segments[index].end {
                index += 1
            }
            words[index].append(text.text)
        }
    }
}
