import Foundation
import Testing
import TextNormalizers

@Suite("The English normaliser")
struct EnglishNormalizerTests {
    @Test("eight hundred texts come out as whisper's normaliser makes them")
    func asWhisper() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/scoring/normalized.jsonl")
        let rows = try Data(contentsOf: file).split(separator: 0x0A).map {
            try JSONDecoder().decode([String].self, from: $0)
        }
        #expect(rows.count > 800)
        for row in rows {
            let words = TextNormalizer.english.words(row[0])
            #expect(words.joined(separator: " ") == row[1], "\(row[0])")
        }
    }

    @Test("both spellings of English are one, and numbers are digits")
    func spellings() {
        #expect(
            TextNormalizer.english.words("The colour of Mr. Brown's twenty-one programmes")
                == ["the", "color", "of", "mister", "brown", "is", "21", "programs"])
        #expect(
            TextNormalizer.english.words("It won't cost $1,000.") == [
                "it", "will", "not", "cost", "$1000",
            ])
        #expect(TextNormalizer.english.words("um, [noise] (laughs)").isEmpty)
    }

    @Test("brackets that never close cost no more than the text is long")
    func openBrackets() {
        let text = String(repeating: "(<[ ", count: 20_000)
        #expect(TextNormalizer.english.words(text).isEmpty)
    }
}
