internal import ArgumentParser
internal import ClusterRuntime
internal import Glibc
internal import ModelHub
internal import ModelLoading
internal import Processes
internal import Tensors

/// Which model.
struct ModelFiles: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A checkpoint file or folder, or hf:OWNER/NAME from the Hugging Face hub.",
            discussion: "Without it, the bundled model for spoken English digits: a demonstration.",
            valueName: "model"))
    var model: String?

    @Option(
        help: ArgumentHelp(
            "The symbols of a fairseq checkpoint: dict.ltr.txt.", valueName: "file"),
        completion: .file())
    var labels: String?

    /// The model's files on this machine: downloaded if a hub has them, the bundled one by default.
    ///
    /// - Parameter isQuiet: no notice about the bundled model, no progress of a download.
    func modelPath(isQuiet: Bool) throws -> String {
        guard let model else {
            guard let bundled = BundledModel.path else {
                throw CommandFailure(
                    ExitStatus.usage,
                    "no --model given, and the bundled one (models/digits-en) is not near this "
                        + "program; give --model PATH or --model hf:OWNER/NAME")
            }
            if !isQuiet {
                StandardError.write(
                    "scriptorium: no --model given: using the bundled model for English digits, "
                        + "a demonstration; see models/README.md for real ones\n")
            }
            return bundled
        }
        return try HubModel.path(of: model, isQuiet: isQuiet)
    }

    /// The model at `path`, described but not yet in memory.
    ///
    /// - Parameter isQuiet: no word about oddities of the checkpoint.
    func load(_ path: String, isQuiet: Bool) throws -> LoadedModel {
        let model = try ModelLoader.load(path: path, labelsPath: labels)
        if !isQuiet {
            for warning in model.warnings { StandardError.write("scriptorium: \(warning)\n") }
        }
        return model
    }
}

/// Which model, in which arithmetic.
struct ModelOptions: ParsableArguments {
    @OptionGroup var files: ModelFiles

    @Option(
        help: ArgumentHelp(
            "Precision of matrix products: auto, fp32, bf16 or int8.",
            discussion: """
                auto is bf16 where the processor has it, else fp32. int8 is the fastest and changes a \
                few words in a thousand; it is used only when asked for.
                """,
            valueName: "precision"))
    var precision: Precision = .auto

    @Option(
        help: ArgumentHelp(
            "auto, an instruction set (avx2, avx512), or a class as a report names it.",
            discussion: "A job has one class; name one for machines that differ.",
            valueName: "class"))
    var arithmetic: Arithmetic = .init(choice: .auto, text: "auto")

    enum Precision: String, ExpressibleByArgument, CaseIterable {
        case auto
        case fp32
        case bf16
        case int8

        /// nil leaves it to the machine.
        var named: ArithmeticClass.Precision? { .init(rawValue: rawValue) }
    }

    struct Arithmetic: ExpressibleByArgument {
        let choice: ArithmeticChoice
        let text: String

        init(choice: ArithmeticChoice, text: String) {
            self.choice = choice
            self.text = text
        }

        init?(argument: String) {
            guard let choice = ArithmeticChoice(argument) else { return nil }
            self.init(choice: choice, text: argument)
        }

        var defaultValueDescription: String { text }

        /// What this and `precision` together ask for.
        func choice(with precision: Precision) -> ArithmeticChoice {
            var choice = choice
            choice.precision = choice.precision ?? precision.named
            return choice
        }

        /// - Throws: if this names another precision.
        func validate(with precision: Precision) throws {
            if let asked = precision.named, let named = choice.precision, asked != named {
                throw ValidationError(
                    "--precision \(asked.rawValue) and --arithmetic \(text) contradict each other; "
                        + "leave one of them out")
            }
        }
    }

    func validate() throws { try arithmetic.validate(with: precision) }

    /// The arithmetic that both options together ask for.
    var arithmeticChoice: ArithmeticChoice { arithmetic.choice(with: precision) }

    /// The same options for another process of this program.
    var arithmeticArguments: [String] {
        ["--precision", precision.rawValue, "--arithmetic", arithmetic.text]
    }
}

/// The demonstration model that comes with the program.
enum BundledModel {
    /// Its folder, looked for around the executable: in a checkout and in an installation.
    static var path: String? {
        var buffer = [CChar](repeating: 0, count: 4_096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        guard count > 0 else { return nil }
        let bytes = buffer.prefix(count).map { UInt8(bitPattern: $0) }
        var folder = String(decoding: bytes, as: UTF8.self)[...]
        var candidates: [String] = []
        while let slash = folder.lastIndex(of: "/"), candidates.count < 16 {
            folder = folder[..<slash]
            candidates.append("\(folder)/share/scriptorium/models/digits-en")
            candidates.append("\(folder)/models/digits-en")
        }
        return candidates.first { access("\($0)/config.json", R_OK) == 0 }
    }
}
