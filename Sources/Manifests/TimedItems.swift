internal import StrictJSON

/// Words, characters, segments or turns of a transcript with their times, as JSON: NeMo's form of
/// `word_timestamps`, `char_timestamps` and `segment_timestamps`.
///
/// `[{"word":"SO","start_offset":12,"end_offset":30,"start":0.240,"end":0.600,"confidence":0.9312},…]`:
/// offsets in frames of the model, times in seconds with three decimals, confidence with four; all from
/// the beginning of the row's span. Words of jobs with a calibration have `calibrated_confidence` as well.
/// Where they are known, `channel` and `speaker` follow.
package struct TimedItems: Hashable, Sendable {
    /// What the items are, and the name that the text of one has.
    package enum Kind: String, Sendable {
        case word, char, segment, turn
    }

    package let kind: Kind
    /// All items and the brackets around them, once ``end()`` was called.
    package private(set) var json: [UInt8] = [UInt8(ascii: "[")]

    package init(_ kind: Kind) { self.kind = kind }

    /// Makes room for so many items, so that a day of them is not copied as it grows.
    package mutating func reserveCapacity(_ count: Int) {
        json.reserveCapacity(2 + count * Self.usualItemBytes)
    }

    /// One of a day's last items, and a word of eight letters.
    private static let usualItemBytes = 116
    /// No item has less, whatever its text.
    package static let itemBytesMin = 80

    /// Adds an item.
    ///
    /// - Parameters:
    ///   - frames: not negative.
    ///   - milliseconds: not negative.
    ///   - confidence: in ten thousandths, from 0 to 10,000.
    ///   - calibrated: the probability of a word to be right, likewise; nil where it is not known.
    package mutating func append(
        _ text: String, frames: Range<Int>, milliseconds: Range<Int>, confidence: Int,
        calibrated: Int? = nil, channel: Int? = nil, speaker: String? = nil
    ) {
        if json.count > 1 { json.append(UInt8(ascii: ",")) }
        json += "{\"\(kind.rawValue)\":".utf8
        var writer = JSONWriter()
        writer.value(text)
        json += writer.bytes
        json += ",\"start_offset\":\(frames.lowerBound),\"end_offset\":\(frames.upperBound)".utf8
        json += ",\"start\":".utf8
        Self.append(milliseconds.lowerBound, decimals: 3, to: &json)
        json += ",\"end\":".utf8
        Self.append(milliseconds.upperBound, decimals: 3, to: &json)
        json += ",\"confidence\":".utf8
        Self.append(confidence, decimals: 4, to: &json)
        if let calibrated {
            json += ",\"calibrated_confidence\":".utf8
            Self.append(calibrated, decimals: 4, to: &json)
        }
        if let channel { json += ",\"channel\":\(channel)".utf8 }
        if let speaker {
            var writer = JSONWriter()
            writer.value(speaker)
            json += ",\"speaker\":".utf8
            json += writer.bytes
        }
        json.append(UInt8(ascii: "}"))
    }

    /// No item comes any more.
    package mutating func end() { json.append(UInt8(ascii: "]")) }

    /// `12340` with three decimals: `12.340`.
    static func fixed(_ number: Int, decimals: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        append(number, decimals: decimals, to: &bytes)
        return bytes
    }

    private static func append(_ number: Int, decimals: Int, to bytes: inout [UInt8]) {
        let digits = Array(String(number).utf8)
        let zero = UInt8(ascii: "0")
        let padded =
            [UInt8](repeating: zero, count: max(0, decimals + 1 - digits.count)) + digits
        bytes += padded.dropLast(decimals)
        bytes.append(UInt8(ascii: "."))
        bytes += padded.suffix(decimals)
    }
}

extension TimedItems {
    /// Reads what an earlier call wrote; nil for anything else.
    init?(_ value: JSONValue, _ kind: Kind) {
        guard let items = value.array else { return nil }
        self.init(kind)
        for item in items {
            guard let object = item.object, let extra = Extra(object),
                object.members.count == 6 + extra.count, let text = object[kind.rawValue]?.string,
                let start = object["start_offset"]?.int, let end = object["end_offset"]?.int,
                let startTime = Self.unscaled(object["start"], decimals: 3),
                let endTime = Self.unscaled(object["end"], decimals: 3),
                let confidence = Self.unscaled(object["confidence"], decimals: 4),
                0 <= start, start <= end, startTime <= endTime, confidence <= 10_000
            else { return nil }
            append(
                text, frames: start..<end, milliseconds: startTime..<endTime,
                confidence: confidence, calibrated: extra.calibrated, channel: extra.channel,
                speaker: extra.speaker)
        }
        self.end()
    }

    /// What an item may have besides.
    private struct Extra {
        var calibrated: Int?
        var channel: Int?
        var speaker: String?
        private(set) var count = 0

        /// Nil where a member of such a name is something else.
        init?(_ object: JSONObject) {
            if let value = object["calibrated_confidence"] {
                guard let number = TimedItems.unscaled(value, decimals: 4), number <= 10_000
                else { return nil }
                calibrated = number
                count += 1
            }
            if let value = object["channel"] {
                guard let number = value.int, number >= 0 else { return nil }
                channel = number
                count += 1
            }
            if let value = object["speaker"] {
                guard let text = value.string else { return nil }
                speaker = text
                count += 1
            }
        }
    }

    /// The whole number that ``fixed(_:decimals:)`` shows with so many decimals; nil for anything else.
    static func unscaled(_ value: JSONValue?, decimals: Int) -> Int? {
        guard case .number(let number)? = value else { return nil }
        let parts = number.text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].utf8.count == decimals,
            let unscaled = Int(parts[0] + parts[1]), unscaled >= 0,
            fixed(unscaled, decimals: decimals).elementsEqual(number.text.utf8)
        else { return nil }
        return unscaled
    }
}
