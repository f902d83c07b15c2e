package import SpeechTypes
package import StrictJSON

/// Phrases that a decoder is to prefer: a list of a job, or what a row names.
package enum HotwordList {
    /// The weight of a phrase that has none.
    package static let standardWeight = Hotword.weightOfMost
    /// Phrases of a job.
    static let countMax = 100_000
    /// Phrases of one row.
    static let rowCountMax = 1_000
    static let phraseBytesMax = 1_000
    static let weightMax = 1_000.0
    private static let bytesMax = 1 << 27

    /// Reads a file: a phrase a line, and behind a tab its weight where it is not 10.
    ///
    /// - Throws: an error with the line.
    package static func read(_ path: String) throws(DecoderFileError) -> [Hotword] {
        var hotwords: [Hotword] = []
        var lines: [String: Int] = [:]
        try TextLines(path, bytesMax: bytesMax).forEach { line, number throws(DecoderFileError) in
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
            let phrase = Self.phrase(fields[0])
            if fields.count == 1, phrase.isEmpty { return }
            func refused(_ message: String) -> DecoderFileError {
                DecoderFileError(path, line: number, message)
            }
            guard fields.count <= 2 else {
                throw refused(
                    "it has \(fields.count) fields: a line is a phrase, a tab and its weight")
            }
            guard !phrase.isEmpty else { throw refused("there is a weight and no phrase") }
            guard phrase.utf8.count <= phraseBytesMax else {
                throw refused("the phrase has more than \(phraseBytesMax) bytes")
            }
            var weight = standardWeight
            if fields.count == 2 {
                guard let stated = Double(Self.phrase(fields[1])), abs(stated) <= weightMax else {
                    throw refused(
                        "the weight \(fields[1].prefix(20)) is no number from -1000 to 1000")
                }
                weight = stated
            }
            if let before = lines.updateValue(number, forKey: phrase) {
                throw refused("\(phrase) stands in line \(before) already; give it one weight")
            }
            hotwords.append(Hotword(phrase: phrase, weight: weight))
            guard hotwords.count <= countMax else {
                throw refused("there are more than \(countMax) phrases; split the job")
            }
        }
        return hotwords
    }

    /// What a row names: a phrase, a list of phrases or of `{"phrase": …, "weight": …}`, or an object with
    /// a weight for each phrase.
    ///
    /// - Returns: nil for anything else.
    package static func hotwords(of value: JSONValue) -> [Hotword]? {
        switch value {
        case .null: return []
        case .string: return hotword(value).map { $0.phrase.isEmpty ? [] : [$0] }
        case .array(let items):
            guard items.count <= rowCountMax else { return nil }
            return all(items.map(hotword))
        case .object(let object):
            guard object.members.count <= rowCountMax else { return nil }
            return all(
                object.members.map { member in
                    member.value.double.flatMap { hotword(member.key, weight: $0) }
                })
        default: return nil
        }
    }

    private static func all(_ hotwords: [Hotword?]) -> [Hotword]? {
        let known = hotwords.compactMap { $0 }
        return known.count == hotwords.count ? known.filter { !$0.phrase.isEmpty } : nil
    }

    private static func hotword(_ value: JSONValue) -> Hotword? {
        if let text = value.string { return hotword(text, weight: standardWeight) }
        guard let object = value.object, let text = object["phrase"]?.string else { return nil }
        guard let weight = object["weight"] else { return hotword(text, weight: standardWeight) }
        return weight.double.flatMap { hotword(text, weight: $0) }
    }

    private static func hotword(_ text: String, weight: Double) -> Hotword? {
        let phrase = phrase(text[...])
        guard abs(weight) <= weightMax, phrase.utf8.count <= phraseBytesMax else { return nil }
        return Hotword(phrase: phrase, weight: weight)
    }

    /// Words joined by single spaces.
    private static func phrase(_ text: Substring) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
