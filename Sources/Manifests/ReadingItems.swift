internal import StrictJSON

/// What a decoder made of one lane, the best reading first, as JSON: the field `nbest`.
///
/// `[{"text":"SO IT","score":-4.2500,"acoustic_score":-3.1250,"lm_score":-1.1250,"posterior":0.7311,
/// "words":[{"word":"SO","start_offset":12,"end_offset":30},…]},…]`: natural logarithms with four decimals,
/// offsets in frames of the model from the beginning of the row's span.
package struct ReadingItems: Hashable, Sendable {
    /// One reading; numbers in ten thousandths.
    package struct Reading: Hashable, Sendable {
        package struct Word: Hashable, Sendable {
            package var text: String
            package var frames: Range<Int>

            package init(_ text: String, frames: Range<Int>) {
                self.text = text
                self.frames = frames
            }
        }

        package var text: String
        package var score: Int
        package var acousticScore: Int
        package var languageModelScore: Int
        /// From 0 to 10,000.
        package var posterior: Int
        package var words: [Word]

        package init(
            text: String, score: Int, acousticScore: Int, languageModelScore: Int, posterior: Int,
            words: [Word]
        ) {
            self.text = text
            self.score = score
            self.acousticScore = acousticScore
            self.languageModelScore = languageModelScore
            self.posterior = posterior
            self.words = words
        }
    }

    package private(set) var count = 0
    /// All readings and the brackets around them, once ``end()`` was called.
    package private(set) var json: [UInt8] = [UInt8(ascii: "[")]

    package init() {}

    package mutating func append(_ reading: Reading) {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("text", reading.text)
        for (name, number) in [
            ("score", reading.score), ("acoustic_score", reading.acousticScore),
            ("lm_score", reading.languageModelScore), ("posterior", reading.posterior),
        ] {
            writer.key(name)
            writer.raw(Self.signed(number))
        }
        writer.key("words")
        writer.beginArray()
        for word in reading.words {
            writer.beginObject()
            writer.member("word", word.text)
            writer.member("start_offset", word.frames.lowerBound)
            writer.member("end_offset", word.frames.upperBound)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        if count > 0 { json.append(UInt8(ascii: ",")) }
        json += writer.bytes
        count += 1
    }

    /// No reading comes any more.
    package mutating func end() { json.append(UInt8(ascii: "]")) }

    private static func signed(_ number: Int) -> [UInt8] {
        (number < 0 ? [UInt8(ascii: "-")] : [])
            + TimedItems.fixed(Int(number.magnitude), decimals: 4)
    }
}

extension ReadingItems {
    /// Reads what earlier calls wrote; nil for anything else.
    init?(_ value: JSONValue) {
        guard let items = value.array, !items.isEmpty else { return nil }
        self.init()
        for item in items {
            guard let object = item.object, object.members.count == 6,
                let text = object["text"]?.string, let words = object["words"]?.array,
                let score = Self.number(object["score"]),
                let acoustic = Self.number(object["acoustic_score"]),
                let language = Self.number(object["lm_score"]),
                let posterior = Self.number(object["posterior"]), (0...10_000).contains(posterior)
            else { return nil }
            let read = words.compactMap(Self.word)
            guard read.count == words.count else { return nil }
            append(
                Reading(
                    text: text, score: score, acousticScore: acoustic,
                    languageModelScore: language, posterior: posterior, words: read))
        }
        end()
    }

    private static func word(_ value: JSONValue) -> Reading.Word? {
        guard let object = value.object, object.members.count == 3,
            let text = object["word"]?.string, let start = object["start_offset"]?.int,
            let end = object["end_offset"]?.int, 0 <= start, start <= end
        else { return nil }
        return Reading.Word(text, frames: start..<end)
    }

    /// Ten thousandths of a number with four decimals.
    private static func number(_ value: JSONValue?) -> Int? {
        guard case .number(let number)? = value else { return nil }
        let isNegative = number.text.hasPrefix("-")
        let magnitude = TimedItems.unscaled(
            .number(JSONNumber(text: String(number.text.dropFirst(isNegative ? 1 : 0)))),
            decimals: 4)
        return magnitude.flatMap { isNegative ? ($0 == 0 ? nil : -$0) : $0 }
    }
}
