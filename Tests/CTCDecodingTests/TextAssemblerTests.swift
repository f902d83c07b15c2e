internal import CTCDecoding
internal import Testing

@Suite("Text of decoded symbols") struct TextAssemblerTests {
    private static let symbols = ["<s>", "<pad>", "</s>", "<unk>", "|", "A", "B", "É"]

    private func assembler(
        wordDelimiter: Int? = 4, isLowercasing: Bool = false
    ) -> TextAssembler {
        TextAssembler(
            alphabet: Alphabet(
                symbols: Self.symbols, blank: 0, wordDelimiter: wordDelimiter,
                specials: [0, 1, 2, 3], isLowercasing: isLowercasing))
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
        let alphabet = Alphabet(symbols: ["_", "|", "A"], blank: 0, wordDelimiter: nil)
        let text = TextAssembler(alphabet: alphabet).text(of: hypothesis([2, 1, 2]))
        #expect(text == "A|A")
    }

    @Test("nothing heard is the empty text") func nothing() {
        #expect(assembler().text(of: hypothesis([])) == "")
        #expect(assembler().text(of: hypothesis([4, 4])) == "")
        #expect(assembler().referenceText(of: hypothesis([])) == "")
    }
}
