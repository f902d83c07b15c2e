package import ArgumentParser
package import JobLaunch
package import Tensors

/// Which model.
package struct ModelFiles: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A checkpoint file or folder, or hf:OWNER/NAME from the Hugging Face hub.",
            discussion: "Without it, the bundled model for spoken English digits: a demonstration.",
            valueName: "model"))
    package var model: String?

    @Option(
        help: ArgumentHelp(
            "The symbols of a fairseq or torchaudio checkpoint: dict.ltr.txt.", valueName: "file"),
        completion: .file())
    package var labels: String?

    @Option(
        help: ArgumentHelp(
            "The language of a model that has several: de, deu, or the model's own name for it.",
            discussion: """
                For folders with adapters, as facebook/mms-1b-all is: scriptorium inspect lists their \
                languages. Without it, the language that the folder names. Workers of a job whose rows name their \
                languages take every, or the list of its --languages.
                """,
            valueName: "language"))
    package var language: String?

    package init() {}

    /// The same, as the launching code takes it.
    package var request: ModelRequest {
        ModelRequest(name: model, labels: labels, language: language)
    }
}

/// Which model, in which arithmetic.
package struct ModelOptions: ParsableArguments {
    @OptionGroup package var files: ModelFiles

    @Option(
        help: ArgumentHelp(
            "Precision of matrix products: auto, fp32, bf16 or int8.",
            discussion: """
                auto is bf16 where the processor has it, else fp32. int8 is the fastest and changes a \
                few words in a thousand; it is used only when asked for.
                """,
            valueName: "precision"))
    package var precision: Precision = .auto

    @Option(
        help: ArgumentHelp(
            "auto, an instruction set (avx2, avxvnni, avx512, amx; neon on ARM), or a class as a report names it.",
            discussion: "A job has one class; name one for machines that differ.",
            valueName: "class"))
    package var arithmetic: Arithmetic = .init(choice: .auto, text: "auto")

    package init() {}

    package enum Precision: String, ExpressibleByArgument, CaseIterable {
        case auto
        case fp32
        case bf16
        case int8

        /// nil leaves it to the machine.
        var named: ArithmeticClass.Precision? { .init(rawValue: rawValue) }
    }

    package struct Arithmetic: ExpressibleByArgument {
        package let choice: ArithmeticChoice
        package let text: String

        package init(choice: ArithmeticChoice, text: String) {
            self.choice = choice
            self.text = text
        }

        package init?(argument: String) {
            guard let choice = ArithmeticChoice(argument) else { return nil }
            self.init(choice: choice, text: argument)
        }

        package var defaultValueDescription: String { text }

        /// What this and `precision` together ask for.
        package func choice(with precision: Precision) -> ArithmeticChoice {
            var choice = choice
            choice.precision = choice.precision ?? precision.named
            return choice
        }

        /// - Throws: if this names another precision.
        package func validate(with precision: Precision) throws {
            if let asked = precision.named, let named = choice.precision, asked != named {
                throw ValidationError(
                    "--precision \(asked.rawValue) and --arithmetic \(text) contradict each other; "
                        + "leave one of them out")
            }
        }
    }

    package func validate() throws { try arithmetic.validate(with: precision) }

    /// The arithmetic that both options together ask for.
    package var arithmeticChoice: ArithmeticChoice { arithmetic.choice(with: precision) }

    /// The same options for another process of this program.
    package var arithmeticArguments: [String] {
        ["--precision", precision.rawValue, "--arithmetic", arithmetic.text]
    }
}
