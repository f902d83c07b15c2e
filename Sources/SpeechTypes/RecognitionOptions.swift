/// Everything that shapes the records of a job besides the model: part of the job's identity,
/// and sent to every worker in `welcome`, never given on a worker's command line.
package struct RecognitionOptions: Hashable, Sendable {
    package var channels: ChannelPolicy = .mix
    /// Added to or set as the blank's logit; 0 leaves it alone.
    package var blankWeight: Float = 0
    package var blankMode: BlankMode = .add
    package var chunking: Chunking = .grid
    package var hourglassPadding: HourglassPadding = .single
    /// Which decoder makes text of log-probabilities.
    package var decoder: DecoderChoice = .greedy
    /// Where workers write log-probabilities, `<ordinal>.npy`; nil for nowhere.
    package var logitsDirectory: String?

    package init() {}

    /// What happens to audio longer than one pass.
    package enum Chunking: String, CaseIterable, Hashable, Sendable {
        /// A fixed grid of 1,500 owned frames with 120 frames of context on each side.
        case grid
        /// The whole recording in one pass, whatever memory that takes.
        case off
    }

    /// Which result an hourglass model gives: NVIDIA's implementation gives two, by how it is called.
    package enum HourglassPadding: String, CaseIterable, Hashable, Sendable {
        /// As if the utterance were alone.
        case single
        /// As if the utterance were the shorter one of a padded batch.
        case batch
    }

    /// The options as names and values, sorted by name, defaults included.
    ///
    /// The decoder stands there if it is not the greedy one, so that jobs of versions that had no other
    /// keep their identity.
    package var fields: [(name: String, value: String)] {
        [
            ("blank_mode", blankMode.rawValue),
            ("blank_weight", String(blankWeight)),
            ("channels", channels.text),
            ("chunk", chunking.rawValue),
        ] + (decoder == .greedy ? [] : [("decoder", decoder.text)]) + [
            ("hourglass_padding", hourglassPadding.rawValue),
            ("save_logits", logitsDirectory ?? ""),
        ]
    }

    /// Reads what ``fields`` wrote; nil if a name or a value is unknown.
    package init?(fields: [(name: String, value: String)]) {
        for (name, value) in fields {
            switch name {
            case "blank_mode":
                guard let mode = BlankMode(rawValue: value) else { return nil }
                blankMode = mode
            case "blank_weight":
                guard let weight = Float(value), weight.isFinite else { return nil }
                blankWeight = weight
            case "channels":
                guard let policy = ChannelPolicy(value) else { return nil }
                channels = policy
            case "chunk":
                guard let chunking = Chunking(rawValue: value) else { return nil }
                self.chunking = chunking
            case "decoder":
                guard let choice = DecoderChoice(value) else { return nil }
                decoder = choice
            case "hourglass_padding":
                guard let padding = HourglassPadding(rawValue: value) else { return nil }
                hourglassPadding = padding
            case "save_logits": logitsDirectory = value.isEmpty ? nil : value
            default: return nil
            }
        }
    }
}
