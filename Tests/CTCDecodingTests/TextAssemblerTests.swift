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

    /// Symbols of the classes, each three frames long.
    private func symbols(_ indices: [Int]) -> [Transcript.Symbol] {
        indices.enumerated().map { position, index in
            .init(index: index, frames: 3 * position..<3 * position + 3, score: -Float(index))
        }
    }

    @Test("records have trimmed text with single spaces") func recordsAreTidy() {
        #expect(assembler().transcript(of: symbols([4, 4, 5, 6, 4, 4, 6, 4])).text == "AB B")
    }

    @Test("the reference's text keeps every space") func referenceKeepsSpaces() {
        #expect(assembler().referenceText(of: symbols([4, 5, 4, 4, 6, 4])) == " A  B ")
    }

    @Test("special symbols are printed by the reference and left out of records")
    func specialSymbols() {
        let read = symbols([5, 3, 1, 6])
        #expect(assembler().referenceText(of: read) == "A<unk><pad>B")
        #expect(assembler().transcript(of: read).text == "AB")
    }

    @Test("text becomes lower case where the vocabulary asks for it") func lowerCase() {
        #expect(
            assembler(isLowercasing: true).transcript(of: symbols([5, 7, 4, 6])).text == "aé b")
    }

    @Test("without a word delimiter there are no words") func noDelimiter() {
        let vocabulary = Vocabulary(symbols: ["_", "|", "A"], blank: 0, wordDelimiter: nil)
        let text = TextAssembler(vocabulary: vocabulary).transcript(of: symbols([2, 1, 2])).text
        #expect(text == "A|A")
    }

    @Test("nothing heard is the empty text") func nothing() {
        #expect(assembler().transcript(of: symbols([])).text == "")
        #expect(assembler().transcript(of: symbols([4, 4])).text == "")
        #expect(assembler().referenceText(of: symbols([])) == "")
    }

    // MARK: Scalars

    private func text(_ symbols: [String], _ rules: TextRules = .init()) -> [Unicode.Scalar] {
        let vocabulary = Vocabulary(
            symbols: ["<pad>", "|", "<unk>"] + symbols, blank: 0, wordDelimiter: 1,
            specials: [0, 2], rules: rules)
        let text = TextAssembler(vocabulary: vocabulary).transcript(
            of: self.symbols(Array(1..<symbols.count + 3))
        ).text
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
            let read = symbols([2, 1, 3, 2, 1, 1, 3])
            let wanted = Array("A \(mark)A \(mark)".unicodeScalars)
            #expect(Array(assembler.transcript(of: read).text.unicodeScalars) == wanted)
            #expect(
                Array(assembler.referenceText(of: read).unicodeScalars)
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
                of: GreedyDecoder.transcript(
                    of: LogProbabilities(frames: 5, classes: 4, values: values),
                    vocabulary: vocabulary
                ).symbols)
        }
        #expect(read(.letters) == "aab")
        #expect(read(.phonemes) == "a a b")
        #expect(read(.labels) == "aaab")
    }

    // MARK: Words

    /// The words of a text, each with its symbols' positions.
    private func words(
        _ labels: [String], _ indices: [Int], _ rules: TextRules
    ) -> [String] {
        let vocabulary = Vocabulary(
            symbols: ["<pad>", "|", "<unk>"] + labels, blank: 0, wordDelimiter: 1,
            specials: [0, 2], rules: rules)
        let transcript = TextAssembler(vocabulary: vocabulary).transcript(of: symbols(indices))
        let texts = transcript.words.map { String(transcript.text(of: $0)) }
        #expect(texts.joined(separator: " ") == transcript.text)
        return zip(texts, transcript.words.map(\.symbols)).map { "\($0) \($1)" }
    }

    @Test("a word knows its symbols, without the delimiters around it")
    func wordSymbols() {
        let found = words(["A", "B"], [1, 3, 4, 1, 1, 4, 2, 4, 1], TextRules())
        #expect(found == ["AB 1..<3", "BB 5..<8"])
    }

    @Test("words know their symbols whatever case and punctuation made of the text")
    func changedWords() {
        let rules = TextRules(assembly: .letters, isLowercasing: true, tightensPunctuation: true)
        // İ becomes two scalars; "A , B" loses a space.
        let found = words(["\u{130}", "A", "'", ","], [3, 1, 4, 1, 5, 1, 4, 1, 6, 1, 4], rules)
        #expect(found == ["i\u{307} 0..<1", "a'a, 2..<9", "a 10..<11"])
        let phonemes = words(["A", "B"], [3, 4, 1, 3], TextRules(assembly: .phonemes))
        #expect(phonemes == ["A 0..<1", "B 1..<2", "A 3..<4"])
    }

    @Test("a delimiter within a label parts words that share a symbol")
    func sharedSymbol() {
        #expect(words(["A|B"], [3, 3], TextRules()) == ["A 0..<1", "BA 0..<2", "B 1..<2"])
    }

    @Test("a word has the frames from its first symbol to its last, and their mean score")
    func framesOfWords() throws {
        let vocabulary = Vocabulary(
            symbols: ["_", "|", "A", "B"], blank: 0, wordDelimiter: 1)
        let transcript = TextAssembler(vocabulary: vocabulary).transcript(
            of: [
                .init(index: 1, frames: 0..<2, score: -9),
                .init(index: 2, frames: 4..<5, score: -1),
                .init(index: 3, frames: 7..<10, score: -2),
                .init(index: 1, frames: 11..<12, score: -9),
            ], score: -30)
        let word = try #require(transcript.words.first)
        #expect(transcript.words.count == 1 && transcript.text(of: word) == "AB")
        #expect(transcript.frames(of: word) == 4..<10)
        #expect(transcript.score(of: word) == -1.75)
        #expect(transcript.score == -30)
    }
}
