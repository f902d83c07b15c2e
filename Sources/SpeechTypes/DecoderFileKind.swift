/// A file that a job takes besides the acoustic model, for its decoder or for what its records say: what
/// it is called among the job's artefacts, in options and in messages.
package enum DecoderFileKind: String, CaseIterable, Hashable, Sendable {
    case languageModel = "language_model"
    case unigrams
    case lexicon
    case hotwords
    /// What records say of the errors to expect; no decoder takes it.
    case calibration

    /// What it is called in a sentence.
    package var words: String {
        switch self {
        case .languageModel: "language model"
        case .unigrams: "list of words"
        case .lexicon: "lexicon"
        case .hotwords: "list of hotwords"
        case .calibration: "calibration"
        }
    }

    /// The option that names the file.
    package var option: String {
        switch self {
        case .languageModel: "--lm"
        case .unigrams: "--unigrams"
        case .lexicon: "--lexicon"
        case .hotwords: "--hotwords"
        case .calibration: "--calibration"
        }
    }
}
