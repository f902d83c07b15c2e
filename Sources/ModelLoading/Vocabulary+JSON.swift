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
        writer.value(blankIndex)
        writer.key("word_delimiter")
        if let wordDelimiterIndex { writer.value(wordDelimiterIndex) } else { writer.null() }
        writer.key("special")
        writer.beginArray()
        for index in specialIndices { writer.value(index) }
        writer.endArray()
        writer.key("lowers_case")
        writer.value(lowersCase)
        writeWhatIsUnusual(to: &writer)
        writer.endObject()
    }

    /// What most models have no use for, and so does not stand in their digests.
    private func writeWhatIsUnusual(to writer: inout JSONWriter) {
        if reading == .phonemes {
            writer.key("reading")
            writer.value(reading.rawValue)
        }
        if reading == .letters, Set(symbols.map { ExactString($0) }).count < symbols.count {
            writer.key("merges_equal_symbols")
            writer.value(true)
        }
        if !delimiterText.hasSameBytes(as: " ") {
            writer.key("delimiter_text")
            writer.value(delimiterText)
        }
        if tightensPunctuation {
            writer.key("tightens_punctuation")
            writer.value(true)
        }
    }
}
