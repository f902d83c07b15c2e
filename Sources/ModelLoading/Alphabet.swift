package import Checkpoints
package import Digests
package import SpeechTypes
internal import StrictJSON

/// What the classes of stored log-probabilities stand for: all that is needed of a model where nothing
/// has to be computed.
///
/// A JSON object with `labels` (in the order of the classes), `blank` (its index or its label),
/// `word_delimiter` (a label, an index, or null) and perhaps `frame_seconds` (0.02 if not given).
package struct Alphabet: Sendable {
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
        let samples = (seconds.double ?? 0) * Double(FrameGrid.sampleRate)
        guard abs(samples - samples.rounded()) < 1e-6,
            let count = Int(exactly: samples.rounded()), Self.samplesPerFrameRange.contains(count)
        else {
            throw Self.refused(
                path,
                "frame_seconds must be a whole number of samples at 16 kHz, such as 0.02 or 0.08")
        }
        samplesPerFrame = count
        let specials = labels.indices.filter {
            $0 == blank || $0 != delimiter && Self.specialLabels.contains(labels[$0])
        }
        vocabulary = Vocabulary(
            symbols: labels, blank: blank, wordDelimiter: delimiter, specials: Set(specials))
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
