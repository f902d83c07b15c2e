internal import ArgumentParser
internal import CommandOptions
internal import Files
internal import JobLaunch
internal import LanguageModelBuilding
internal import Manifests
internal import Processes
internal import SpeechTypes
internal import Threading

/// Makes a language model of text.
struct LanguageModelBuild: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build", abstract: "Estimate an n-gram model of a text.",
        discussion: """
            Each line of TEXT is a sentence, its words between spaces, in the spelling that transcripts have: a \
            model of upper-case words scores no lower-case ones. Smoothing is modified Kneser-Ney, \
            interpolated; numbers are those of lmplz. Texts may be compressed with gzip or zstd.

            OUT is an ARPA file, or a binary file of KenLM (probing) if its name ends with .bin: the same \
            model, which takes no time to load and is shared by all workers of a machine.

            The words are held in memory. N-grams beyond --memory wait in files without names, beside OUT or \
            in --temporary: 32 bytes for each different one, two or three times.

            Examples:
              scriptorium lm build transcripts.txt -o 4-gram.arpa --order 4
              scriptorium lm build books/*.txt.gz -o lm.bin --prune 0 0 1
              zcat corpus.gz | tr a-z A-Z | scriptorium lm build - -o lm.bin --memory 8000
            """)

    @Argument(
        help: "Texts, one sentence a line; - reads standard input.", completion: .file())
    var texts: [String] = []

    @Option(
        name: [.customShort("o"), .customLong("out")],
        help: ArgumentHelp("The model: a name in .arpa, or in .bin.", valueName: "out"),
        completion: .file(extensions: ["arpa", "bin"]))
    var output: String

    @Option(help: ArgumentHelp("Words of the longest n-grams, 1 to 5.", valueName: "n"))
    var order = 5

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Leave out n-grams that were seen so often or less.",
            discussion: """
                A number for each length, never less for longer ones; the last one holds for all that \
                are longer. 0 0 1 leaves out all that was seen once of three words and more, which \
                makes a model several times smaller and hardly worse.
                """, valueName: "n"))
    var prune: [String] = []

    @Flag(
        help: ArgumentHelp(
            "Take the discounts 0.5, 1 and 1.5 for lengths whose counts give none.",
            discussion: "In small texts, and where much is repeated. Else such a text is an error.")
    )
    var discountFallback = false

    @Flag(help: "Pass over <s>, </s> and <unk> in the text. Else they are an error.")
    var skipSymbols = false

    @Option(
        help: ArgumentHelp(
            "Memory for n-grams that are sorted, in MiB, if there is so much.", valueName: "mib"))
    var memory = 1_024

    @Option(
        name: [.customShort("T"), .long],
        help: ArgumentHelp(
            "Where n-grams wait that do not fit into memory; else the folder of OUT.",
            valueName: "folder"),
        completion: .directory)
    var temporary: String?

    private enum Form { case arpa, probing }

    private var form: Form? {
        switch PathBytes(output).fileExtension {
        case "arpa", "lm": .arpa
        case "bin", "binary", "klm": .probing
        default: nil
        }
    }

    /// What `--prune` says, as it is written for lmplz or with commas.
    private var thresholds: [UInt64]? {
        let parts = prune.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }
        let numbers = parts.compactMap { UInt64($0) }
        guard numbers.count == parts.count, numbers.allSatisfy({ $0 < 1 << 62 }) else { return nil }
        return numbers
    }

    func validate() throws {
        guard ModelBuildSettings.orders.contains(order) else {
            throw ValidationError("--order is \(ModelBuildSettings.orders.lowerBound) to 5")
        }
        guard let form else {
            throw ValidationError(
                "\(output): a name in .arpa is an ARPA file, one in .bin a binary file of KenLM")
        }
        guard order > 1 || form == .arpa else {
            throw ValidationError("KenLM has no binary models of single words; name OUT .arpa")
        }
        guard let thresholds else {
            throw ValidationError(
                "--prune takes numbers, such as 0 0 1, and all that follows up to the next option; put "
                    + "texts before it")
        }
        guard !texts.isEmpty else {
            throw ValidationError("name the text, or - for standard input")
        }
        guard thresholds.count <= order else {
            throw ValidationError(
                "--prune has numbers for 1 to \(thresholds.count) words, and --order is \(order)")
        }
        guard zip(thresholds, thresholds.dropFirst()).allSatisfy(<=) else {
            throw ValidationError(
                "--prune must not have less for longer n-grams: their parts would be missing")
        }
        guard (16...(1 << 22)).contains(memory) else {
            throw ValidationError("--memory is 16 to \(1 << 22) MiB")
        }
        guard texts.count(where: { $0 == "-" }) <= 1 else {
            throw ValidationError("- reads standard input, and can do so once")
        }
    }

    func run() throws {
        try reporting {
            let place = PathBytes(output).resolved
            for text in texts where text != "-" && place != nil && PathBytes(text).resolved == place
            {
                throw CommandFailure(
                    ExitStatus.usage,
                    "\(output) is the text itself; choose another name for the model")
            }
            do {
                try build()
            } catch let error as ModelBuildError {
                guard case .storage(let failure) = error else {
                    throw CommandFailure(ExitStatus.usage, "\(error)")
                }
                throw failure
            }
            return ExitStatus.done
        }
    }

    private func build() throws {
        let model = try estimate()
        try LongWork.named("writing \(output)", .nGrams, total: model.stepCount) {
            () throws(FileError) in
            switch form {
            case .probing: try ProbingWriter.write(model, to: output)
            case .arpa, nil: try ARPAWriter.write(model, to: output)
            }
        }
        LongWork.end()
        try StandardOutput.write(ModelBuildText.lines(of: model))
    }

    private func estimate() throws -> ModelEstimate {
        let folder = temporary ?? PathBytes(output).folder.text
        // Looked at before anything long begins: a wrong name must not show at the end.
        _ = try AtomicFile(output)
        _ = try AtomicFile(AtomicFile.uniquePartPath(of: "\(folder)/scriptorium"))
        var settings = ModelBuildSettings(
            order: order, thresholds: thresholds ?? [],
            memoryBytes: min(memory << 20, MachineResources.memoryBytes), folder: folder)
        settings.skipsSymbols = skipSymbols
        settings.fallback = discountFallback ? .fallback : nil
        var builder = ModelBuilder(settings)
        let sizes = try texts.filter { $0 != "-" }.map { text in
            try mapError(ManifestError.input) { () throws(FileError) in
                try OpenFile(text).byteCount ?? 0
            }
        }
        try LongWork.named(
            "counting n-grams", .bytes, total: texts.contains("-") ? 0 : sizes.reduce(0, +)
        ) {
            for text in texts { try count(text, &builder) }
        }
        return try LongWork.named("adjusting counts", .nGrams) { () throws(ModelBuildError) in
            try builder.estimate()
        }
    }

    private func count(_ text: String, _ builder: inout ModelBuilder) throws {
        let lines = try LineReader(PathBytes(text), expanding: true)
        let name = text == "-" ? "standard input" : text
        while let line = try lines.next() {
            guard line.bytes.count <= ManifestLimits.lineBytesMax else {
                throw ModelBuildError.text(
                    "\(name), line \(line.number): longer than \(ManifestLimits.lineBytesMax) bytes; a "
                        + "sentence is a line")
            }
            let result = line.bytes.withUnsafeBytes { bytes in
                Result { () throws(ModelBuildError) in try builder.add(bytes) }
            }
            if case .failure(.text(let message)) = result {
                throw ModelBuildError.text("\(name), line \(line.number): \(message)")
            }
            try result.get()
        }
    }
}
