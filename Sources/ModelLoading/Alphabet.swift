package import Checkpoints
package import Digests
package import SpeechTypes
internal import StrictJSON

/// What the classes of stored log-probabilities stand for: all that is needed of a model where nothing
/// has to be computed.
///
/// A JSON object with `labels` (in the order of the classes), `blank` (its index or its label),
/// `word_delimiter` (a label, an index, or null) and perhaps `frame_seconds` (0.02 if not given). What
/// ``json`` writes has the model's rules of text, too: `special` (indices) and `text_rules`.
package struct Alphabet: Sendable {
    /// What it is called beside log-probabilities that this program stores.
    package static let fileName = "alphabet.json"

    package let path: String
    package let vocabulary: Vocabulary
    /// Samples at 16 kHz from one frame to the next.
    package let samplesPerFrame: Int

    /// Frames of 5 ms to 1 s.
    private static let samplesPerFrameRange = 80...16_000
    private static let labelsMax = 1 << 17
    /// Labels that stand for no text, in the spellings of common toolkits.
    private static let specialLabels: Set<String> = [
        "<pad>", "[PAD]", "<s>", "</s>", "<unk>", "[UNK]", "<blank>", "<blk>", "<eps>",
    ]

    /// Whether the file at `path` is an alphabet and no part of a checkpoint.
    package static func isAlphabet(_ path: String) -> Bool {
        guard FileKind.of(path) == .file, let file = try? FileBytes(mapping: path),
            file.count <= CheckpointLimits.textFileBytesMax,
            file.copy(0..<min(64, file.count)).first(where: {
                ![0x20, 0x09, 0x0A, 0x0D].contains($0)
            })
                == UInt8(ascii: "{"),
            let object = try? JSONText.object(of: file)
        else { return false }
        return object["labels"]?.array != nil
    }

    /// Reads the file at `path`.
    ///
    /// - Throws: an error that names the file and the member.
    package init(path: String) throws(CheckpointError) {
        self.path = path
        let object = try JSONText.object(of: FileBytes(mapping: path))
        guard let array = object["labels"]?.array, !array.isEmpty, array.count <= Self.labelsMax
        else {
            throw Self.refused(path, "labels must be a list of strings, one for each class")
        }
        var labels: [String] = []
        for label in array {
            guard let text = label.string else {
                throw Self.refused(
                    path, "labels must be strings; number \(labels.count) is not one")
            }
            labels.append(text)
        }
        guard let blank = Self.index(object["blank"], labels) else {
            throw Self.refused(path, "blank must be the index of a label, or a label")
        }
        var delimiter: Int?
        if let value = object["word_delimiter"], !value.isNull {
            delimiter = Self.index(value, labels)
            guard delimiter != nil, delimiter != blank else {
                throw Self.refused(path, "word_delimiter must be one of the labels, or null")
            }
        }
        let seconds = object["frame_seconds"] ?? .number(JSONNumber(text: "0.02"))
        let samples = (seconds.double ?? 0) * Double(FrameClock.sampleRate)
        guard abs(samples - samples.rounded()) < 1e-6,
            let count = Int(exactly: samples.rounded()), Self.samplesPerFrameRange.contains(count)
        else {
            throw Self.refused(
                path,
                "frame_seconds must be a whole number of samples at 16 kHz, such as 0.02 or 0.08")
        }
        samplesPerFrame = count
        var specials = labels.indices.filter {
            $0 == blank || $0 != delimiter && Self.specialLabels.contains(labels[$0])
        }
        if let listed = object["special"] {
            specials = (listed.array ?? []).compactMap(\.int)
            guard specials.count == listed.array?.count,
                specials.allSatisfy({ labels.indices.contains($0) })
            else { throw Self.refused(path, "special must be a list of indices of labels") }
        }
        guard let rules = Self.rules(object["text_rules"]) else {
            throw Self.refused(
                path,
                "text_rules must have assembly (labels, letters, phonemes or pieces), delimiter_text, "
                    + "lowers_case and tightens_punctuation, and may have leading_spaces")
        }
        vocabulary = Vocabulary(
            symbols: labels, blank: blank, wordDelimiter: delimiter, specials: Set(specials),
            rules: rules)
    }

    /// The classes of a model whose log-probabilities are stored.
    ///
    /// - Parameter path: of the file that ``json`` will stand in.
    package init(_ vocabulary: Vocabulary, samplesPerFrame: Int, path: String) {
        self.vocabulary = vocabulary
        self.samplesPerFrame = samplesPerFrame
        self.path = path
    }

    /// The file that says this of an alphabet.
    package var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("labels")
        writer.beginArray()
        for symbol in vocabulary.symbols { writer.value(symbol) }
        writer.endArray()
        writer.member("blank", vocabulary.blank)
        writer.key("word_delimiter")
        if let delimiter = vocabulary.wordDelimiter {
            writer.value(delimiter)
        } else {
            writer.null()
        }
        writer.key("frame_seconds")
        writer.raw("\(Double(samplesPerFrame) / Double(FrameClock.sampleRate))".utf8)
        writer.key("special")
        writer.beginArray()
        for index in vocabulary.specials.sorted() { writer.value(index) }
        writer.endArray()
        writer.key("text_rules")
        writer.beginObject()
        writer.member("assembly", vocabulary.rules.assembly.rawValue)
        writer.member("delimiter_text", vocabulary.rules.delimiterText)
        writer.key("lowers_case")
        writer.value(vocabulary.rules.isLowercasing)
        writer.key("tightens_punctuation")
        writer.value(vocabulary.rules.tightensPunctuation)
        if vocabulary.rules.leadingSpaces != .kept {
            writer.member("leading_spaces", vocabulary.rules.leadingSpaces.rawValue)
        }
        writer.endObject()
        writer.endObject()
        return writer.bytes + [0x0A]
    }

    /// Nil for what are no rules.
    private static func rules(_ value: JSONValue?) -> TextRules? {
        guard let value else { return TextRules() }
        guard let object = value.object,
            let assembly = object["assembly"]?.string.flatMap({ TextRules.Assembly(rawValue: $0) }),
            let delimiter = object["delimiter_text"]?.string,
            let lowersCase = object["lowers_case"]?.bool,
            let tightens = object["tightens_punctuation"]?.bool
        else { return nil }
        var spaces = TextRules.LeadingSpaces.kept
        if let value = object["leading_spaces"] {
            guard let named = value.string.flatMap({ TextRules.LeadingSpaces(rawValue: $0) }) else {
                return nil
            }
            spaces = named
        }
        return TextRules(
            assembly: assembly, delimiterText: delimiter, isLowercasing: lowersCase,
            tightensPunctuation: tightens, leadingSpaces: spaces)
    }

    /// Names the alphabet: equal for the same classes and frames, whatever the file looks like.
    package var digest: ContentDigest {
        SHA256Hasher.digest(
            of: Array("scriptorium alphabet 1\n\(vocabulary.json)\n\(samplesPerFrame)\n".utf8))
    }

    private static func index(_ value: JSONValue?, _ labels: [String]) -> Int? {
        if let index = value?.int { return labels.indices.contains(index) ? index : nil }
        guard let text = value?.string else { return nil }
        return labels.firstIndex { $0.utf8.elementsEqual(text.utf8) }
    }

    private static func refused(_ path: String, _ detail: String) -> CheckpointError {
        CheckpointError(.refused, path: path, detail)
    }
}

/// What a job reads log-probabilities with: a network that computes them, or an alphabet for those that
/// are stored.
package enum RecognitionModel: Sendable {
    case network(LoadedModel)
    case alphabet(Alphabet)

    package var vocabulary: Vocabulary {
        switch self {
        case .network(let model): model.vocabulary
        case .alphabet(let alphabet): alphabet.vocabulary
        }
    }

    package var path: String {
        switch self {
        case .network(let model): model.path
        case .alphabet(let alphabet): alphabet.path
        }
    }
}
