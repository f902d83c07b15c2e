internal import ArgumentParser
internal import CommandOptions
internal import Glibc
internal import JobLaunch
internal import LanguageModels
internal import Manifests
internal import Processes
internal import SpeechTypes
internal import StrictJSON

/// Makes language models, and looks at them.
struct LanguageModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lm",
        abstract: "Make n-gram language models, look at them, and score text with them.",
        discussion: """
            MODEL is an ARPA file (plain or gzip) or a binary file of KenLM (probing or trie, quantised or not). \
            Which one it is is told by its content.
            """,
        subcommands: [
            Inspect.self, Score.self, LanguageModelBuild.self, LanguageModelTune.self,
        ])

    /// What a model is.
    struct Inspect: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "inspect", abstract: "What a language model holds.",
            discussion: """
                Examples:
                  scriptorium lm inspect 4-gram.arpa.gz
                  scriptorium lm inspect language_model/lm.bin --json
                """)

        @Argument(help: "A language model.", completion: .file())
        var model: String

        @Flag(help: "One JSON object instead of lines.")
        var json = false

        func run() throws {
            try reporting {
                let model = try LanguageModel(at: PathBytes(model))
                try StandardOutput.write(json ? Self.json(model) : Self.text(model))
                return ExitStatus.done
            }
        }

        private static func text(_ model: LanguageModel) -> String {
            let counts = model.counts.enumerated().map { "\($0.offset + 1)-grams  \($0.element)\n" }
            return "form     \(model.form.rawValue)\norder    \(model.order)\n" + counts.joined()
                + "bytes    \(model.byteCount)\n"
        }

        private static func json(_ model: LanguageModel) -> String {
            var json = JSONWriter()
            json.beginObject()
            json.member("path", model.path)
            json.member("form", model.form.rawValue)
            json.member("order", model.order)
            json.key("counts")
            json.beginArray()
            for count in model.counts { json.value(count) }
            json.endArray()
            json.member("bytes", model.byteCount)
            json.endObject()
            return String(decoding: json.bytes, as: UTF8.self) + "\n"
        }
    }

    /// What a model says of text.
    struct Score: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "score", abstract: "How probable a language model finds text.",
            discussion: """
                Each line of TEXT is a sentence, its words between spaces, in the spelling of the model. \
                Lines show log10 of the probability, words, unknown words and the sentence; the last ones sum up.

                Examples:
                  scriptorium lm score 4-gram.arpa.gz sentences.txt
                  echo "THE CAT SAT" | scriptorium lm score lm.bin - --words
                """)

        @Argument(help: "A language model.", completion: .file())
        var model: String

        @Argument(help: "A text; - reads standard input.", completion: .file())
        var text = "-"

        @Flag(help: "Each word: log10, words of the n-gram that matched, and ? if unknown.")
        var words = false

        @Flag(
            inversion: .prefixedNo,
            help: "Sentences begin after <s>, and </s> is scored behind them.")
        var boundaries = true

        func run() throws {
            try reporting {
                let model = try LanguageModel(at: PathBytes(model))
                let lines = try LineReader(PathBytes(text))
                var total = Total()
                while let line = try lines.nextRow() {
                    let score = SentenceScore(
                        of: line.bytes, by: model, hasBoundaries: boundaries)
                    total.add(score)
                    try StandardOutput.write(Self.line(score, line.bytes, eachWord: words))
                }
                try StandardOutput.write(total.text)
                return ExitStatus.done
            }
        }

        private static func line(
            _ score: SentenceScore, _ sentence: [UInt8], eachWord: Bool
        ) -> String {
            let shown =
                eachWord
                ? score.words.map { word in
                    let text = "\(word.text)=\(decimals(Double(word.log10Probability)))"
                    return text + "/\(word.length)" + (word.isUnknown ? "?" : "")
                }.joined(separator: " ")
                : String(decoding: sentence, as: UTF8.self)
            return "\(decimals(score.log10Probability))\t\(score.words.count)\t"
                + "\(score.unknownCount)\t\(shown)\n"
        }

        /// With four decimals.
        private static func decimals(_ value: Double) -> String {
            guard value.isFinite, abs(value) < 1e14 else { return "\(value)" }
            let scaled = Int((abs(value) * 10_000).rounded())
            let fraction = String(scaled % 10_000)
            return (value < 0 && scaled > 0 ? "-" : "") + "\(scaled / 10_000)."
                + String(repeating: "0", count: 4 - fraction.count) + fraction
        }

        /// All sentences together.
        private struct Total {
            private var sentences = 0
            private var words = 0
            private var unknown = 0
            private var log10 = 0.0
            private var log10OfKnown = 0.0

            mutating func add(_ score: SentenceScore) {
                sentences += 1
                words += score.words.count
                unknown += score.unknownCount
                log10 += score.log10Probability
                log10OfKnown += score.log10ProbabilityOfKnown
            }

            /// Of nothing there is no perplexity.
            private func perplexity(_ log10: Double, _ words: Int) -> String {
                words == 0 ? "-" : Score.decimals(pow(10, -log10 / Double(words)))
            }

            var text: String {
                "\(sentences) sentences, \(words) words, \(unknown) of them unknown\n"
                    + "perplexity \(perplexity(log10, words)), "
                    + "without unknown words \(perplexity(log10OfKnown, words - unknown))\n"
            }
        }
    }
}
