internal import Checkpoints
internal import Digests
internal import SpeechTypes
internal import Wav2Vec2

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
            ("input", inputText),
            ("extractor", extractorText),
            ("encoder", encoderText),
            ("widths", widthsText),
            ("labels", labelsText),
        ]
        if let language {
            lines.append(
                (
                    "language",
                    "\(language), of \(languages.count): \(ModelLanguages.list(languages))"
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
        let milliseconds = Double(configuration.clock.samplesPerFrame) * 1_000 / Double(sampleRate)
        return milliseconds.rounded() == milliseconds
            ? "\(Int(milliseconds)) ms" : "\(milliseconds) ms"
    }

    private var inputText: String {
        guard let normalization = configuration.inputNormalization else {
            return "waveform as it is"
        }
        return "waveform normalised (epsilon \(normalization.epsilon))"
    }

    private var extractorText: String {
        let layers = configuration.convLayers
        let kernels = layers.map { "\($0.kernel)/\($0.stride)" }.joined(separator: " ")
        let channels = Set(layers.map { $0.channels }).sorted().map { "\($0)" }
            .joined(separator: ", ")
        return "\(layers.count) convolutions, \(channels) channels, kernel/stride \(kernels), "
            + "\(configuration.extractorNorm.rawValue) norm"
            + (configuration.hasConvBias ? ", with bias" : "")
    }

    private var encoderText: String {
        var parts: [String]
        if let hourglass = configuration.hourglass {
            parts = [
                "hourglass [\(hourglass.layersBefore),(\(hourglass.layersShortened),"
                    + "\(hourglass.factor)),\(hourglass.layersAfter)]",
                "\(hourglass.resampling.rawValue) resampling",
            ]
        } else {
            parts = ["\(configuration.encoderLayers) layers"]
        }
        parts.append(configuration.isPreNorm ? "norm before" : "norm after")
        parts.append("\(configuration.attentionHeads) heads")
        parts.append(configuration.activation.rawValue)
        if configuration.usesRotaryEmbeddings { parts.append("rotary embeddings") }
        return parts.joined(separator: ", ")
    }

    private var widthsText: String {
        "features \(configuration.featureWidth), hidden \(configuration.hiddenWidth), "
            + "feed-forward \(configuration.feedForwardWidth), positional kernel "
            + "\(configuration.positionalKernel) in \(configuration.positionalGroups) groups"
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
