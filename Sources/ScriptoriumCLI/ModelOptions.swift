internal import ArgumentParser
internal import ClusterRuntime
internal import Glibc
internal import JobLaunch
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

    /// The same, as the launching code takes it.
    var request: ModelRequest { ModelRequest(name: model, labels: labels) }
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
