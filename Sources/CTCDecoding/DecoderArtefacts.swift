package import LanguageModels
package import SpeechTypes

/// What a decoder may use besides a model's log-probabilities: files that a job names.
///
/// A job's identity holds the digests of these files, so that all workers decode with the same.
package struct DecoderArtefacts: Sendable {
    package var languageModel: LanguageModel?
    /// The words that count as known; nil where no list was given.
    package var unigrams: [String]?
    /// The only words that may come out; nil where any may.
    package var lexicon: Lexicon?
    /// Of all rows of the job.
    package var hotwords: [Hotword]

    package init(
        languageModel: LanguageModel? = nil, unigrams: [String]? = nil, lexicon: Lexicon? = nil,
        hotwords: [Hotword] = []
    ) {
        self.languageModel = languageModel
        self.unigrams = unigrams
        self.lexicon = lexicon
        self.hotwords = hotwords
    }

    /// There is nothing to use.
    package var isEmpty: Bool {
        languageModel == nil && unigrams == nil && lexicon == nil && hotwords.isEmpty
    }
}
