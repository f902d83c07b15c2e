internal import SpeechTypes
internal import StrictJSON

extension Vocabulary {
    /// The vocabulary as one JSON object.
    var json: String {
        var writer = JSONWriter()
        write(to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("symbols")
        writer.beginArray()
        for symbol in symbols { writer.value(symbol) }
        writer.endArray()
        writer.key("blank")
        writer.value(blank)
        writer.key("word_delimiter")
        if let wordDelimiter { writer.value(wordDelimiter) } else { writer.null() }
        writer.key("special")
        writer.beginArray()
        for index in specials.sorted() { writer.value(index) }
        writer.endArray()
        writer.key("lowers_case")
        writer.value(rules.isLowercasing)
        writeWhatIsUnusual(to: &writer)
        writer.endObject()
    }

    /// What most models have no use for, and so does not stand in their digests.
    private func writeWhatIsUnusual(to writer: inout JSONWriter) {
        if rules.assembly == .phonemes || rules.assembly == .pieces {
            writer.key("reading")
            writer.value(rules.assembly.rawValue)
        }
        if rules.assembly == .letters, !firstClasses.isEmpty {
            writer.key("merges_equal_symbols")
            writer.value(true)
        }
        if !rules.delimiterText.hasSameBytes(as: " ") {
            writer.key("delimiter_text")
            writer.value(rules.delimiterText)
        }
        if rules.tightensPunctuation {
            writer.key("tightens_punctuation")
            writer.value(true)
        }
        if rules.leadingSpaces != .kept {
            writer.key("leading_spaces")
            writer.value(rules.leadingSpaces.rawValue)
        }
    }
}
