internal import CTCDecoding
internal import SpeechTypes
internal import Testing

@Suite("Text of decoded symbols") struct TextAssemblerTests {
    private static let symbols = ["<s>", "<pad>", "</s>", "<unk>", "|", "A", "B", "É"]

    private func assembler(
        wordDelimiter: Int? = 4, isLowercasing: Bool = false
    ) -> TextAssembler {
        TextAssembler(
            vocabulary: Vocabulary(
                symbols: Self.symbols, blank: 0, wordDelimiter: wordDelimiter,
                specials: [0, 1, 2, 3],
                rules: isLowercasing ? TextRules(assembly: .letters, isLowercasing: true) : .init())
        )
    }

    private func hypothesis(_ indices: [Int]) -> Hypothesis {
        Hypothesis(
            symbols: indices.enumerated().map { .init(index: $0.element, frame: $0.offset) })
    }

    @Test("records have trimmed text with single spaces") func recordsAreTidy() {
        #expect(assembler().text(of: hypothesis([4, 4, 5, 6, 4, 4, 6, 4])) == "AB B")
    }

    @Test("the reference's text keeps every space") func referenceKeepsSpaces() {
        #expect(assembler().referenceText(of: hypothesis([4, 5, 4, 4, 6, 4])) == " A  B ")
    }

    @Test("special symbols are printed by the reference and left out of records")
    func specialSymbols() {
        let symbols = hypothesis([5, 3, 1, 6])
        #expect(assembler().referenceText(of: symbols) == "A<unk><pad>B")
        #expect(assembler().text(of: symbols) == "AB")
    }

    @Test("text becomes lower case where the vocabulary asks for it") func lowerCase() {
        #expect(assembler(isLowercasing: true).text(of: hypothesis([5, 7, 4, 6])) == "aé b")
    }

    @Test("without a word delimiter there are no words") func noDelimiter() {
        let vocabulary = Vocabulary(symbols: ["_", "|", "A"], blank: 0, wordDelimiter: nil)
        let text = TextAssembler(vocabulary: vocabulary).text(of: hypothesis([2, 1, 2]))
        #expect(text == "A|A")
    }

    @Test("nothing heard is the empty text") func nothing() {
        #expect(assembler().text(of: hypothesis([])) == "")
        #expect(assembler().text(of: hypothesis([4, 4])) == "")
        #expect(assembler().referenceText(of: hypothesis([])) == "")
    }

    // MARK: Scalars

    private func text(_ symbols: [String], _ rules: TextRules = .init()) -> [Unicode.Scalar] {
        let vocabulary = Vocabulary(
            symbols: ["<pad>", "|", "<unk>"] + symbols, blank: 0, wordDelimiter: 1,
            specials: [0, 2], rules: rules)
        let text = TextAssembler(vocabulary: vocabulary).text(
            of: hypothesis(Array(1..<symbols.count + 3)))
        return Array(text.unicodeScalars)
    }

    @Test(
        "a mark after a delimiter stays, and so does the delimiter",
        arguments: ["\u{93F}", "\u{301}", "\u{200D}", "\u{64E}", "\u{E34}", "\u{1F3FB}"])
    func marks(mark: String) {
        let rules = [TextRules(), TextRules(assembly: .letters)]
        for rules in rules {
            let vocabulary = Vocabulary(
                symbols: ["_", "|", "A", mark], blank: 0, wordDelimiter: 1, rules: rules)
            let assembler = TextAssembler(vocabulary: vocabulary)
            let symbols = hypothesis([2, 1, 3, 2, 1, 1, 3])
            let wanted = Array("A \(mark)A \(mark)".unicodeScalars)
            #expect(Array(assembler.text(of: symbols).unicodeScalars) == wanted)
            #expect(
                Array(assembler.referenceText(of: symbols).unicodeScalars)
                    == Array("A \(mark)A  \(mark)".unicodeScalars))
        }
    }

    @Test("a delimiter within a label becomes a space, as fairseq makes it")
    func delimiterWithin() {
        #expect(text(["A|\u{301}B"]) == Array("A \u{301}B".unicodeScalars))
        #expect(
            text(["A|B"], TextRules(assembly: .letters)) == Array("A|B".unicodeScalars))
    }

    @Test(
        "a sigma is final where a word ends",
        arguments: [
            ("ΟΔΟΣ", "οδος"), ("ΣΟΣ", "σος"), ("Σ", "σ"), ("ΑΣ-Α", "ας-α"), ("ΑΣ'", "ας'"),
            ("ΑΣ'Α", "ασ'α"), ("Α\u{301}Σ\u{301}", "α\u{301}ς\u{301}"),
            ("Α\u{301}Σ\u{301}Β", "α\u{301}σ\u{301}β"),
        ])
    func finalSigma(upper: String, lower: String) {
        let lowered = text(
            upper.unicodeScalars.map { String($0) },
            TextRules(assembly: .letters, isLowercasing: true))
        #expect(lowered == Array(lower.unicodeScalars))
    }

    @Test("classes with one text are one symbol for transformers, and two for fairseq")
    func equalSymbols() {
        func read(_ assembly: TextRules.Assembly) -> String {
            let vocabulary = Vocabulary(
                symbols: ["_", "a", "a", "b"], blank: 0, wordDelimiter: nil,
                rules: TextRules(assembly: assembly))
            let best = [1, 2, 0, 2, 3]
            let values = best.flatMap { best in (0..<4).map { $0 == best ? Float(-0.1) : -4 } }
            return TextAssembler(vocabulary: vocabulary).referenceText(
                of: GreedyDecoder.decode(
                    LogProbabilities(frames: 5, classes: 4, values: values), vocabulary: vocabulary)
            )
        }
        #expect(read(.letters) == "aab")
        #expect(read(.phonemes) == "a a b")
        #expect(read(.labels) == "aaab")
    }
}
