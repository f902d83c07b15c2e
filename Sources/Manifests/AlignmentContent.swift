package import SpeechTypes
internal import StrictJSON

/// What a record says of a text and its audio: ``TextAlignment`` in seconds and decimals, as JSON.
package struct AlignmentContent: Hashable, Sendable {
    private struct Item: Hashable, Sendable {
        var state: TextAlignment.State
        var milliseconds: Range<Int>
        var score: Int?
        var text: String
    }

    private struct Segment: Hashable, Sendable {
        var milliseconds: Range<Int>
        var score: Int
        /// The negative of the least mean log-probability.
        var leastMean: Int
        var isWhole: Bool
        var text: String
        /// Nil where it is the same.
        var alignedText: String?
    }

    private var score: Int?
    private var items: [Item] = []
    private var segments: [Segment] = []
    private var words: [String] = []

    /// - Parameter milliseconds: when a frame begins.
    package init(_ alignment: TextAlignment, milliseconds: (Int) -> Int) {
        func times(_ frames: Range<Int>) -> Range<Int> {
            milliseconds(frames.lowerBound)..<milliseconds(frames.upperBound)
        }
        score = alignment.score.map(Self.tenThousandths)
        items = alignment.items.map { item in
            Item(
                state: item.state, milliseconds: times(item.frames),
                score: item.score.map(Self.tenThousandths), text: item.text)
        }
        segments = alignment.segments.map { segment in
            let isSame = segment.text.utf8.elementsEqual(segment.alignedText.utf8)
            return Segment(
                milliseconds: times(segment.frames), score: Self.tenThousandths(segment.score),
                leastMean: Self.tenThousandths(max(0, -segment.leastMeanLogProbability)),
                isWhole: segment.isWhole, text: segment.text,
                alignedText: isSame ? nil : segment.alignedText)
        }
        words = alignment.originals
    }

    private static func tenThousandths(_ value: Double) -> Int {
        Int((min(value, 1e6) * 10_000).rounded())
    }
}

// MARK: JSON

extension AlignmentContent {
    /// `{"score":…,"items":[…],"segments":[…],"words":[…]}`.
    var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        if let score { Self.write("score", score, 4, &writer) }
        writer.key("items")
        writer.beginArray()
        for item in items {
            writer.beginObject()
            writer.member("state", item.state.rawValue)
            Self.write(item.milliseconds, &writer)
            if let score = item.score { Self.write("score", score, 4, &writer) }
            writer.member("text", item.text)
            writer.endObject()
        }
        writer.endArray()
        writer.key("segments")
        writer.beginArray()
        for segment in segments {
            writer.beginObject()
            Self.write(segment.milliseconds, &writer)
            Self.write("score", segment.score, 4, &writer)
            writer.key("min_log_prob")
            writer.raw(
                (segment.leastMean > 0 ? [UInt8(ascii: "-")] : [])
                    + TimedItems.fixed(segment.leastMean, decimals: 4))
            writer.key("whole")
            writer.value(segment.isWhole)
            writer.member("text", segment.text)
            if let aligned = segment.alignedText { writer.member("aligned_text", aligned) }
            writer.endObject()
        }
        writer.endArray()
        if !words.isEmpty {
            writer.key("words")
            writer.beginArray()
            for word in words { writer.value(word) }
            writer.endArray()
        }
        writer.endObject()
        return writer.bytes
    }

    private static func write(
        _ name: String, _ number: Int, _ decimals: Int, _ writer: inout JSONWriter
    ) {
        writer.key(name)
        writer.raw(TimedItems.fixed(number, decimals: decimals))
    }

    private static func write(_ milliseconds: Range<Int>, _ writer: inout JSONWriter) {
        write("start", milliseconds.lowerBound, 3, &writer)
        write("end", milliseconds.upperBound, 3, &writer)
    }

    /// Reads what ``json`` writes; nil for anything else, or what would be written otherwise.
    init?(_ value: JSONValue) {
        guard let object = value.object, let items = object["items"]?.array,
            let segments = object["segments"]?.array
        else { return nil }
        if let score = object["score"] {
            guard let number = TimedItems.unscaled(score, decimals: 4) else { return nil }
            self.score = number
        }
        for entry in items {
            guard let item = entry.object,
                let state = item["state"]?.string.flatMap({ TextAlignment.State(rawValue: $0) }),
                let milliseconds = Self.milliseconds(item), let text = item["text"]?.string
            else { return nil }
            self.items.append(
                Item(
                    state: state, milliseconds: milliseconds,
                    score: item["score"].flatMap { TimedItems.unscaled($0, decimals: 4) },
                    text: text))
        }
        for entry in segments {
            guard let segment = entry.object, let milliseconds = Self.milliseconds(segment),
                let score = TimedItems.unscaled(segment["score"], decimals: 4),
                case .number(let least)? = segment["min_log_prob"],
                let leastMean = TimedItems.unscaled(
                    .number(
                        JSONNumber(text: String(least.text.drop { $0 == "-" }))), decimals: 4),
                let isWhole = segment["whole"]?.bool, let text = segment["text"]?.string
            else { return nil }
            self.segments.append(
                Segment(
                    milliseconds: milliseconds, score: score, leastMean: leastMean,
                    isWhole: isWhole, text: text, alignedText: segment["aligned_text"]?.string))
        }
        for word in object["words"]?.array ?? [] {
            guard let text = word.string else { return nil }
            words.append(text)
        }
    }

    private static func milliseconds(_ object: JSONObject) -> Range<Int>? {
        guard let start = TimedItems.unscaled(object["start"], decimals: 3),
            let end = TimedItems.unscaled(object["end"], decimals: 3), start <= end
        else { return nil }
        return start..<end
    }
}

extension TranscriptFields {
    /// How a known text and the audio go together, in jobs that align.
    static let alignment = TranscriptField(
        "alignment", since: timesEngine, .object, .inRecords { $0.isAligned },
        encode: { content, _ in content.failure == nil ? content.alignment?.json : nil },
        decode: { value, content, _ in
            guard let value else { return true }
            content.alignment = AlignmentContent(value)
            return content.alignment != nil
        },
        isOfTranscript: true)
}
