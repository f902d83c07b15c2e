/// Everything that shapes the records of a job besides the model: part of the job's identity,
/// and sent to every worker in `welcome`, never given on a worker's command line.
package struct RecognitionOptions: Hashable, Sendable {
    package var channels: ChannelPolicy = .mix
    /// Samples a second that the job's model was trained on: 16,000, or 8,000.
    package var sampleRate = FrameClock.sampleRate
    /// Added to or set as the blank's logit; 0 leaves it alone.
    package var blankWeight: Float = 0
    package var blankMode: BlankMode = .add
    package var chunking: Chunking = .grid
    package var hourglassPadding: HourglassPadding = .single
    /// Which decoder makes text of log-probabilities.
    package var decoder: DecoderChoice = .greedy
    /// What times and confidence records have.
    package var timestamps: Timestamps = .none
    /// How known texts are put on their audio; nil where the text is to be found.
    package var alignment: TextAlignmentOptions?
    /// Whether features of each row are computed and kept beside its record.
    package var hasFeatures = false
    /// Whether records tell who speaks after whom.
    package var hasTurns = false
    /// Whether records say what errors are to be expected; the job has a calibration among its artefacts then.
    package var isCalibrated = false
    /// The file in which workers find what the audio of each row is like, where they do not read audio; nil
    /// for none.
    package var audioFeaturesSource: String?
    /// The member of a row that names phrases for its decoder; nil where rows name none.
    package var hotwordsField: String?
    /// The member of a row that names its language; nil where all rows are read in one.
    package var languageField: String?
    /// The model's name for the language of rows that name none; nil where such rows are rejected.
    ///
    /// Of jobs whose rows name theirs.
    package var standardLanguage: String?
    /// The member of a row that says where somebody speaks in it; nil where rows do not say.
    ///
    /// Of jobs whose windows lie around speech, which is looked for in rows that do not have it.
    package var segmentsField: String?
    /// Whether audio that a list names by a command is what that command writes; workers have to allow it too.
    package var runsCommands = false
    /// What addresses may be fetched, a pattern each, sorted; workers have to allow it too.
    package var allowedSources: [String] = []
    /// Where workers write log-probabilities, `<ordinal>.npy`; nil for nowhere.
    package var logitsDirectory: String?
    package var logitsFormat: LogitsFormat = .f32
    /// Many rows share a file of log-probabilities.
    package var hasLogitsShards = false
    /// Where workers read log-probabilities that were written so, in place of audio; nil where they do not.
    package var logitsSource: String?

    package init() {}

    /// What happens to audio longer than one pass.
    package enum Chunking: String, CaseIterable, Hashable, Sendable {
        /// A fixed grid of 1,500 owned frames with 120 frames of context on each side.
        case grid
        /// Windows around speech, cut where it is quiet; the rest is not computed.
        case speech
        /// The whole recording in one pass, whatever memory that takes.
        case off
    }

    /// Which parts of a transcript have their times, and with them how sure the model was.
    package enum Timestamps: String, CaseIterable, Hashable, Sendable {
        case none
        /// Each word.
        case word
        /// Each word, and each of its characters.
        case char
    }

    /// How log-probabilities are written.
    package enum LogitsFormat: String, CaseIterable, Hashable, Sendable {
        case f16
        case f32
    }

    /// Which result an hourglass model gives: NVIDIA's implementation gives two, by how it is called.
    package enum HourglassPadding: String, CaseIterable, Hashable, Sendable {
        /// As if the utterance were alone.
        case single
        /// As if the utterance were the shorter one of a padded batch.
        case batch
    }
}
