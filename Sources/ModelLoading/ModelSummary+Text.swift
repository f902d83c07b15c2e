internal import Checkpoints
internal import Digests
internal import LanguageCodes
internal import ModelFamilies
internal import SpeechTypes

extension ModelSummary {
    /// The summary for a terminal: one fact a line, names before values.
    ///
    /// - Parameter listsTensors: whether every tensor gets a line as well.
    package func text(listsTensors: Bool = false) -> String {
        var lines = [
            ("model", path),
            ("family", family),
            ("saved by", "\(framework.rawValue), \(container.rawValue)"),
            ("digest", digest.hex),
            ("parameters", Self.grouped(parameterCount)),
            ("weights", weightsText),
            ("sample rate", "\(Self.grouped(sampleRate)) Hz, one frame every \(frameText)"),
        ]
        lines += configuration.facts.map { ($0.name, $0.value) }
        lines.append(("labels", labelsText))
        if let language {
            lines.append(
                (
                    "language",
                    "\(language), of \(languages.count): \(languageList(languages))"
                ))
        }
        if blankWeight != 0 { lines.append(("blank", "\(blankMode.rawValue) \(blankWeight)")) }
        if let languageModelPath {
            lines.append(("decoding", "\(languageModelPath) with --lm auto"))
        }
        if !unusedTensors.isEmpty {
            lines.append(("unused", "\(Self.few(unusedTensors)), which only training needs"))
        }
        if !wrappers.isEmpty {
            lines.append(("names", "without \(Self.few(wrappers)), which a wrapper had added"))
        }
        lines += warnings.map { ("warning", $0) }
        if listsTensors {
            lines.append(("tensors", "\(tensors.count)"))
            lines += tensors.map { tensor in
                ("", "\(tensor.name) \(tensor.elementType.rawValue) \(tensor.shape)")
            }
        }
        return lines.map { name, value in
            let padding = String(repeating: " ", count: max(1, 13 - name.count))
            return "\(name)\(padding)\(value)\n"
        }.joined()
    }

    private var weightsText: String {
        precisions.map { precision in
            "\(precision.tensors) tensors \(precision.elementType.rawValue) "
                + "(\(Self.grouped(precision.bytes)) bytes)"
        }.joined(separator: ", ")
    }

    /// As milliseconds.
    private var frameText: String {
        let milliseconds =
            Double(configuration.clock.samplesPerFrame) * 1_000 / Double(FrameClock.sampleRate)
        return milliseconds.rounded() == milliseconds
            ? "\(Int(milliseconds)) ms" : "\(milliseconds) ms"
    }

    private var labelsText: String {
        let delimiter =
            vocabulary.wordDelimiter == nil && !vocabulary.hasWordPieces
            ? "no word boundary" : "with word boundary"
        let reading =
            switch vocabulary.rules.assembly {
            case .phonemes: ", phonemes with spaces between"
            case .pieces:
                vocabulary.hasWordPieces ? ", pieces of words" : ", as SentencePiece joins them"
            case .labels, .letters: ""
            }
        let symbols = vocabulary.symbols.prefix(40).joined(separator: " ")
        let more = vocabulary.symbols.count > 40 ? " …" : ""
        return
            "\(vocabulary.symbols.count), blank \(vocabulary.blank), \(delimiter)\(reading): "
            + symbols + more
    }

    /// The first few of `names`.
    private static func few(_ names: [String]) -> String {
        let more = names.count > 5 ? " and \(names.count - 5) more" : ""
        return names.prefix(5).joined(separator: ", ") + more
    }

    /// Digits in groups of three.
    private static func grouped(_ number: Int) -> String {
        let digits = Array(String(number))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return text
    }
}
