internal import ErrorRates
internal import StrictJSON

/// One row or segment with what it scores, and by what it is found again.
struct EvaluatedUtterance {
    /// What says which one it is, in the order in which it is written.
    var place: [(name: String, value: Value)]
    var score: TextComparison.Score
    var isTranscribed = true
    var group: String?
    /// The name of the block that the bootstrap draws it with.
    var block: [UInt8] = []
    var audioSeconds = 0.0

    enum Value {
        case text(String)
        case integer(Int)
        case number(Double)
    }

    /// For people: `talk.wav 12.5`.
    var title: String {
        place.map { name, value in
            switch value {
            case .text(let text): text
            case .integer(let number): "\(name) \(number)"
            case .number(let number): "\(number)"
            }
        }.joined(separator: " ")
    }

    /// One line of the rows' file.
    var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        write(to: &writer, withPairs: true)
        writer.endObject()
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    func write(to writer: inout JSONWriter, withPairs: Bool) {
        for (name, value) in place {
            switch value {
            case .text(let text): writer.member(name, text)
            case .integer(let number): writer.member(name, number)
            case .number(let number): writer.member(name, number)
            }
        }
        writer.member("reference", score.pairs.compactMap(\.reference).joined(separator: " "))
        writer.member("hypothesis", score.pairs.compactMap(\.hypothesis).joined(separator: " "))
        for (name, counts) in [("wer", score.words), ("cer", score.characters)] {
            writer.key(name)
            if let rate = counts.rate { writer.value(rate) } else { writer.null() }
        }
        writer.member("words", score.words.referenceCount)
        writer.member("hits", score.words.hits)
        writer.member("substitutions", score.words.substitutions)
        writer.member("insertions", score.words.insertions)
        writer.member("deletions", score.words.deletions)
        writer.member("characters", score.characters.referenceCount)
        writer.member("character_errors", score.characters.errors)
        guard withPairs else { return }
        writer.key("pairs")
        writer.beginArray()
        for pair in score.pairs {
            writer.beginArray()
            writer.value(pair.operation.letter)
            for word in [pair.reference, pair.hypothesis] {
                if let word { writer.value(word) } else { writer.null() }
            }
            writer.endArray()
        }
        writer.endArray()
    }
}
