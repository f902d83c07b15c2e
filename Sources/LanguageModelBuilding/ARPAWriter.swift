package import Files

/// Writes a model in ARPA form.
package enum ARPAWriter {
    private static let blockBytes = 1 << 16

    /// Writes the model to `path`: whole, or not at all.
    ///
    /// - Throws: if the disk refuses.
    package static func write(_ model: ModelEstimate, to path: String) throws(FileError) {
        let file = try AtomicFile(path)
        var text = Array("\\data\\\n".utf8)
        for (position, count) in model.counts.enumerated() {
            text += Array("ngram \(position + 1)=\(count)\n".utf8)
        }
        var length = 0
        try model.forEach { nGram throws(FileError) in
            if nGram.length != length {
                length = nGram.length
                text += Array("\n\\\(length)-grams:\n".utf8)
            }
            DecimalText.append(nGram.log10Probability, to: &text)
            for position in (0..<length).reversed() {
                text.append(position == length - 1 ? UInt8(ascii: "\t") : UInt8(ascii: " "))
                text += model.words.word(nGram.words[position])
            }
            if length < model.order {
                text.append(UInt8(ascii: "\t"))
                DecimalText.append(nGram.log10Backoff, to: &text)
            }
            text.append(UInt8(ascii: "\n"))
            if text.count > Self.blockBytes {
                try file.write(text)
                text.removeAll(keepingCapacity: true)
            }
        }
        for empty in length..<max(length, model.order) {
            text += Array("\n\\\(empty + 1)-grams:\n".utf8)
        }
        text += Array("\n\\end\\\n".utf8)
        try file.write(text)
        try file.commit()
    }
}
