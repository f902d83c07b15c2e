package import ArgumentParser
internal import CTCDecoding
internal import Checkpoints
package import DecoderFiles
internal import JobLaunch
package import ModelLoading
package import SpeechTypes

/// How text is found: by a beam search, with a language model and hotwords.
package struct DecodingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Search among so many readings at a time, not only along the best symbols.",
            discussion: """
                100 where one of the options below is given. With more it takes longer, and finds a little more. \
                docs/decoding.md explains all of these, and how to choose them.
                """,
            valueName: "n"))
    package var beam: Int?

    @Option(
        help: ArgumentHelp(
            "A language model: a file (ARPA, plain or gzip, or KenLM's binary forms), auto, or none.",
            discussion: """
                auto is the one that the model's folder has (language_model/), with its own weights and list of \
                words. none unless given.
                """,
            valueName: "file|auto|none"), completion: .file())
    package var lm: String?

    @Option(
        help: ArgumentHelp(
            "Words and their spellings: no other words come out.",
            discussion:
                "A word, a tab and its symbols between spaces in each line, as flashlight and fairseq have it.",
            valueName: "file"), completion: .file())
    package var lexicon: String?

    @Option(
        name: [.long, .customLong("lm-weight")], parsing: .unconditional,
        help: ArgumentHelp("Weight of the language model. 0.5 unless given.", valueName: "number"))
    package var alpha: Double?

    @Option(
        name: [.long, .customLong("word-score")], parsing: .unconditional,
        help: ArgumentHelp("What each word adds. 1.5 unless given.", valueName: "number"))
    package var beta: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Added to log10 of the probability of an unknown word. -10 unless given.",
            valueName: "number"))
    package var unkScoreOffset: Double?

    @Option(
        help: ArgumentHelp(
            "Whether sentences begin after <s> and end with </s>: on or off. on unless given.",
            valueName: "on|off"))
    package var lmScoreBoundary: Switch?

    @Option(
        help: ArgumentHelp(
            "The words that are known: a file with one a line, auto (what the language model has), or none.",
            valueName: "file|auto|none"), completion: .file())
    package var unigrams: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Drop readings this much worse than the best, or off. -10 unless given.",
            valueName: "number|off"))
    package var beamPruneLogp: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Try no symbols below this log-probability, or off. -5 unless given.",
            valueName: "number|off"))
    package var tokenMinLogp: String?

    @Flag(help: "Keep one of the readings whose last words are the same.")
    package var pruneHistory = false

    @Option(
        help: ArgumentHelp(
            "Write so many readings of each row, the best first (nbest).", valueName: "n"))
    package var nbest: Int?

    @Flag(help: "Score as pyctcdecode does, where that is only by accident.")
    package var compatible = false

    @Option(
        help: ArgumentHelp(
            "Words and phrases that are likely here: one a line, with a tab and a weight (10 unless given).",
            valueName: "file"), completion: .file())
    package var hotwords: String?

    @Option(
        help: ArgumentHelp(
            "The member of a row that names hotwords of its own.",
            discussion: """
                A phrase, a list of phrases or of {"phrase": …, "weight": …}, or an object of phrases and weights.
                """,
            valueName: "name"))
    package var hotwordsField: String?

    package enum Switch: String, ExpressibleByArgument, CaseIterable {
        case on, off
    }

    package init() {}

    package func validate() throws {
        _ = try choice(from: DecoderChoice(name: BeamDecoder.name), weights: [:])
        if let hotwordsField, !(1...256).contains(hotwordsField.utf8.count) {
            throw ValidationError("--hotwords-field must name a member of the rows")
        }
        if let given = ofLanguageModel.first(where: \.isGiven), lm == nil || lm == "none" {
            throw ValidationError(
                "\(given.option) is about a language model: name one with --lm, or leave it out")
        }
    }

    /// What only counts with a language model.
    private var ofLanguageModel: [(option: String, isGiven: Bool)] {
        [
            ("--alpha", alpha != nil), ("--beta", beta != nil),
            ("--unk-score-offset", unkScoreOffset != nil),
            ("--lm-score-boundary", lmScoreBoundary != nil), ("--unigrams", unigrams != nil),
        ]
    }

    /// Nothing of it is asked for.
    package var isEmpty: Bool { settings.isEmpty && !usesFiles && hotwordsField == nil }

    /// Files besides the model decide on the text.
    var usesFiles: Bool {
        lm.map { $0 != "none" } ?? false || lexicon != nil || hotwords != nil
    }

    /// The language model in the model's folder is asked for.
    package var takesOwnLanguageModel: Bool { lm == "auto" }

    // MARK: What follows for a job

    /// What a job with `model` is decoded with.
    ///
    /// - Parameters:
    ///   - decoder: that was asked for by name.
    ///   - folder: whose language model `auto` takes, where `model` is only an alphabet.
    /// - Throws: if the model's folder has no language model that could be used.
    package func plan(for model: RecognitionModel, decoder: DecoderChoice, folder: String? = nil)
        throws
        -> DecodingPlan
    {
        guard !isEmpty else { return DecodingPlan(choice: decoder) }
        var plan = DecodingPlan(choice: decoder)
        var weights: [String: String] = [:]
        plan.files.paths[.lexicon] = lexicon
        plan.files.paths[.hotwords] = hotwords
        if takesOwnLanguageModel {
            let processor = try Self.processor(of: model, folder)
            plan.files.paths[.languageModel] = processor.languageModelPath
            plan.files.paths[.unigrams] = processor.unigramsPath
            weights = [
                "alpha": "\(processor.alpha)", "beta": "\(processor.beta)",
                "unk_score_offset": "\(processor.unknownScoreOffset)",
                "lm_score_boundary": processor.scoresBoundary ? "on" : "off",
                "unigrams": "list",
            ]
        } else if let lm, lm != "none" {
            plan.files.paths[.languageModel] = lm
        }
        switch unigrams {
        case nil, "auto": break
        case "none": plan.files.paths[.unigrams] = nil
        case let path?: plan.files.paths[.unigrams] = path
        }
        plan.choice = try choice(from: decoder, weights: weights)
        return plan
    }

    private static func processor(
        of model: RecognitionModel, _ folder: String?
    ) throws -> ProcessorFolder {
        if case .network(let loaded) = model {
            return try ProcessorFolder(loaded.folder, vocabulary: loaded.vocabulary)
        }
        guard let folder else {
            throw CommandFailure(
                64,
                "--lm auto takes the language model of a model's folder, and an alphabet has none: name a "
                    + "file with --lm, or a folder with --model")
        }
        return try ProcessorFolder(folder, vocabulary: model.vocabulary)
    }

    /// The settings that are asked for, by the names that the decoder knows.
    private var settings: [String: String] {
        var settings: [String: String] = [:]
        settings["beam"] = beam.map { "\($0)" }
        settings["alpha"] = alpha.map { "\($0)" }
        settings["beta"] = beta.map { "\($0)" }
        settings["unk_score_offset"] = unkScoreOffset.map { "\($0)" }
        settings["lm_score_boundary"] = lmScoreBoundary?.rawValue
        settings["beam_prune_logp"] = beamPruneLogp
        settings["token_min_logp"] = tokenMinLogp
        settings["nbest"] = nbest.map { "\($0)" }
        if pruneHistory { settings["prune_history"] = "on" }
        if compatible { settings["compatible"] = "on" }
        switch unigrams {
        case nil: break
        case "none": settings["unigrams"] = "none"
        case "auto": if !takesOwnLanguageModel { settings["unigrams"] = "auto" }
        default: settings["unigrams"] = "list"
        }
        return settings
    }

    /// The beam search with these settings: those of the line win over those of `decoder`, and these
    /// over `weights`.
    private func choice(
        from decoder: DecoderChoice, weights: [String: String]
    ) throws -> DecoderChoice {
        guard [BeamDecoder.name, DecoderChoice.greedy.name].contains(decoder.name) else {
            throw ValidationError(
                "--beam, --lm and the options with them are about the decoder \(BeamDecoder.name); leave them "
                    + "or --decoder \(decoder.name) out")
        }
        let named = weights.merging(decoder.settings) { _, new in new }
        do throws(DecoderError) {
            return try BeamSettings(named.merging(settings) { _, new in new }).choice
        } catch {
            throw ValidationError("\(error)")
        }
    }
}
