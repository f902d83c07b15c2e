internal import ArgumentParser
internal import CommandOptions
internal import DecoderFiles
internal import InputForms
internal import JobLaunch
internal import Manifests
internal import ModelLoading
internal import Processes
internal import SpeechTypes

/// Known texts onto their audio: the same coordinator and workers, with an aligner for a decoder.
struct AlignCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "align",
        abstract: "Find when each word of a known text is said.",
        discussion: """
            MANIFEST has rows with audio_filepath and their text, in the member text or in another one \
            (--text-field). Long texts, such as a book of a recording of hours, stand in a file \
            (text_filepath). Of a file, or of a text of several lines, words may be missing from the \
            audio, and audio may be extra; both are found and marked (--match). A row whose text \
            cannot be aligned is rejected with a code (text.too_long, text.unspellable, \
            text.not_found). Rows with logits_filepath (.npy) in place of audio need no model: \
            --alphabet names their classes.

            \(ProcessSettings.help)

            Examples:
              scriptorium align rows.jsonl --model hf:facebook/wav2vec2-base-960h -o aligned.jsonl
              scriptorium align books.jsonl --model m.pt --text-normalizer latin -o aligned.jsonl
              scriptorium align stored.jsonl --alphabet alphabet.json --timestamps char -o aligned.jsonl
              scriptorium align rows.jsonl -o - --quiet | jq -c '.alignment.segments[]'
            """)

    @Argument(
        help: ArgumentHelp("Manifest, or - for one on standard input.", valueName: "manifest"),
        completion: .file())
    var inputs: [String]

    @Option(
        help: ArgumentHelp(
            "The member of a row that holds its text; text_filepath, where a row has it, wins.",
            valueName: "name"))
    var textField = TextAlignmentOptions.standardTextField

    @Option(
        name: .customLong("match"),
        help: ArgumentHelp(
            "exact (every letter is put on the audio), loose (words may be missing, audio may be extra), "
                + "lines (every line is put on the audio whole; what is between is passed over), or "
                + "auto: loose for texts of files or of several lines.",
            valueName: "mode"))
    var matching: TextMatching = .auto

    @Option(
        help: ArgumentHelp(
            "How text becomes the model's symbols: none (they are), basic (case, apostrophes, "
                + "punctuation), or latin (basic, and letters without marks that the model lacks).",
            valueName: "name"))
    var textNormalizer: TextNormalization = .basic

    @OptionGroup var alphabet: AlphabetOption
    @OptionGroup var job: JobOptions

    func validate() throws {
        try alphabet.validateJob(job)
        guard !textField.isEmpty, textField.utf8.count <= 256 else {
            throw ValidationError("--text-field must name a member of the rows")
        }
        if !job.decoding.isEmpty {
            throw ValidationError(
                "align puts known texts on their audio; leave --beam, --lm and the options with them out"
            )
        }
        if job.records.calibration != nil {
            throw ValidationError(
                "--calibration is about transcripts, and align is given its texts; leave it out")
        }
        if job.dedupe {
            throw ValidationError(
                "--dedupe copies records of equal audio, and texts may differ; leave it out")
        }
        if job.records.channels?.policy == .each {
            throw ValidationError(
                "a text belongs to one channel: name it with --channels, or leave mix")
        }
    }

    func run() throws {
        try refuseArgumentsThatAreNoText(besides: inputs.map { RawArguments.path(of: $0) })
        try reporting {
            var request = job.request(inputs: inputs, workers: alphabet.workers)
            alphabet.apply(to: &request)
            request.furtherPaths = [TextAlignmentOptions.fileField, ManifestRow.logitsKey]
            let alignment = TextAlignmentOptions(
                textField: textField, matching: matching, normalization: textNormalizer)
            request.suggestsLanguageModel = false
            request.decoding = { _ in DecodingPlan(choice: .greedy) }
            request.recognitionOptions = { [records = job.records] model, begun in
                guard !model.vocabulary.hasWordPieces else {
                    throw CommandFailure(
                        ExitStatus.usage,
                        "align puts letters on their frames, and the symbols of this model are pieces of words, "
                            + "into which a text can be cut in many ways: align with a model of letters"
                    )
                }
                var options = try records.recognitionOptions(for: model, begun: begun)
                options.alignment = alignment
                return options
            }
            return try JobLauncher(request).run()
        }
    }
}

extension TextMatching: ExpressibleByArgument {}
extension TextNormalization: ExpressibleByArgument {}
