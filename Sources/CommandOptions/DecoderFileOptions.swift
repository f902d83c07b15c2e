package import ArgumentParser
package import DecoderFiles
internal import SpeechTypes

/// Files of a job besides the model, for commands that must have those of a job that was begun elsewhere.
package struct DecoderFileOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The language model of the job's decoder, where it is not where it was.",
            valueName: "file"), completion: .file())
    package var lm: String?

    @Option(
        help: ArgumentHelp("The list of words of the job's decoder.", valueName: "file"),
        completion: .file())
    package var unigrams: String?

    @Option(
        help: ArgumentHelp("The lexicon of the job's decoder.", valueName: "file"),
        completion: .file())
    package var lexicon: String?

    @Option(
        help: ArgumentHelp("The list of hotwords of the job's decoder.", valueName: "file"),
        completion: .file())
    package var hotwords: String?

    @Option(
        help: ArgumentHelp(
            "The calibration by which the job's records say what errors to expect.",
            valueName: "file"), completion: .file())
    package var calibration: String?

    package init() {}

    /// The files that are named.
    package var set: DecoderFileSet {
        var set = DecoderFileSet()
        set.paths[.languageModel] = lm
        set.paths[.unigrams] = unigrams
        set.paths[.lexicon] = lexicon
        set.paths[.hotwords] = hotwords
        set.paths[.calibration] = calibration
        return set
    }
}
