import Alignment
import SpeechTypes
import Testing

/// Texts as people write them, in a model's symbols.
struct SpelledTextTests {
    private let english = Vocabulary(
        symbols: AlignmentFixtures.labels, blank: 0, wordDelimiter: 4, specials: [0, 1, 2, 3])

    private func spelled(
        _ text: String, _ vocabulary: Vocabulary? = nil, _ normalization: TextNormalization = .basic
    ) throws -> [String] {
        let vocabulary = vocabulary ?? english
        let spelled = try SpelledText(
            text, vocabulary: vocabulary, normalization: normalization)
        return spelled.words.map { word in
            word.letters.map { vocabulary.symbols[$0] }.joined()
        }
    }

    @Test func caseQuotesAndPunctuationAreThoseOfTheVocabulary() throws {
        #expect(
            try spelled("“Don’t,” he said — ‘never’ well-known…")
                == ["DON'T", "HE", "SAID", "NEVER", "WELL", "KNOWN"])
    }

    @Test func wordsKeepTheSpellingOfTheText() throws {
        let text = "“Don’t,”  he said: well-known!"
        let spelled = try SpelledText(text, vocabulary: english)
        #expect(
            spelled.words.map { spelled.source($0.source) }
                == ["“Don’t,”", "he", "said:", "well-", "known!"])
        #expect(spelled.words.map(\.endsUnit) == [false, false, false, false, true])
    }

    @Test func whatCannotBeSpelledIsNamedWithItsPlace() {
        let error = #expect(throws: SpellingError.self) { try spelled("Two\nor 3 caf\u{E9}s") }
        #expect(
            error?.description
                == "the model has no symbol for U+0033 (3) at line 2, column 4; "
                + "U+00E9 (é) at line 2, column 9 (2 in all); write numbers as words, "
                + "or try --text-normalizer latin")
    }

    @Test func marksGoOnlyWhereThatIsAskedFor() throws {
        #expect(
            try spelled("cafe\u{301} na\u{EF}ve Æsop", nil, .latin) == ["CAFE", "NAIVE", "AESOP"])
        let french = Vocabulary(
            symbols: ["_", "|", "a", "c", "e", "\u{E9}", "f"], blank: 0, wordDelimiter: 1)
        // Composed and decomposed letters are one letter.
        #expect(try spelled("CAFE\u{301}", french) == ["caf\u{E9}"])
    }

    @Test func symbolsOfSeveralLettersAreTakenFirst() throws {
        let vocabulary = Vocabulary(
            symbols: ["|", "t", "h", "th", "i", "ing", "n", "_"], blank: 7, wordDelimiter: 0)
        let spelled = try SpelledText("Thing", vocabulary: vocabulary)
        #expect(spelled.words.map(\.letters) == [[3, 5]])
    }

    @Test func withoutADelimiterEachLetterIsAWord() throws {
        let kana = Vocabulary(symbols: ["_", "か", "な", "。"], blank: 0, wordDelimiter: nil)
        #expect(try spelled("かな な。", kana) == ["か", "な", "な", "。"])
    }

    @Test func linesAreUnitsAndWithoutThemSentences() throws {
        let lines = try SpelledText("One two.\n\n Three.\n", vocabulary: english)
        #expect(lines.lineCount == 2)
        #expect(lines.words.map(\.endsUnit) == [false, true, true])
        let sentences = try SpelledText("One two. Three \u{2026} four?", vocabulary: english)
        #expect(sentences.words.map(\.endsUnit) == [false, true, false, true])
    }

    @Test func nothingIsChangedWhereThatIsAskedFor() throws {
        #expect(try spelled("ONE TWO", nil, .none) == ["ONE", "TWO"])
        #expect(throws: SpellingError.self) { try spelled("One", nil, .none) }
        #expect(throws: SpellingError.self) { try spelled("ONE,", nil, .none) }
    }
}
