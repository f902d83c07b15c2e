internal import CTCDecoding
internal import SpeechTypes
internal import Testing

@Suite("CTC greedy decoding") struct GreedyDecoderTests {
    private static let vocabulary = Vocabulary(
        symbols: ["_", "a", "b", "|"], blank: 0, wordDelimiter: 3)

    /// Frames in which the symbol of each character is the most probable.
    private func frames(_ text: String) -> LogProbabilities {
        let symbols = Self.vocabulary.symbols
        let values = text.flatMap { character in
            symbols.map { $0 == String(character) ? Float(-0.1) : Float(-4) }
        }
        return LogProbabilities(frames: text.count, classes: symbols.count, values: values)
    }

    private func text(_ frames: LogProbabilities) -> String {
        let symbols = GreedyDecoder.transcript(of: frames, vocabulary: Self.vocabulary).symbols
        return TextAssembler(vocabulary: Self.vocabulary).referenceText(of: symbols)
    }

    @Test("repeats become one symbol") func repeatsCollapse() {
        #expect(text(frames("aabbb")) == "ab")
    }

    @Test("a blank between equal symbols keeps both") func blankSeparates() {
        #expect(text(frames("a_a")) == "aa")
    }

    @Test("blanks leave nothing") func blanksVanish() {
        #expect(text(frames("____")) == "")
    }

    @Test("no frames give no text") func noFrames() {
        #expect(text(frames("")) == "")
    }

    @Test("of equally probable classes the first wins") func firstMaximumWins() {
        let tie = LogProbabilities(
            frames: 2, classes: 4, values: [-3, -1, -1, -1, -1, -1, -5, -5])
        #expect(text(tie) == "a")
    }

    @Test("a symbol has the frames of its run, and their mean score") func framesOfSymbols() {
        let transcript = GreedyDecoder.transcript(
            of: frames("_aa_ab|"), vocabulary: Self.vocabulary)
        #expect(transcript.symbols.map(\.frames) == [1..<3, 4..<5, 5..<6, 6..<7])
        #expect(transcript.symbols.map(\.index) == [1, 1, 2, 3])
        #expect(transcript.symbols.map(\.score) == [-0.1, -0.1, -0.1, -0.1])
        let uneven = LogProbabilities(
            frames: 3, classes: 4, values: [-9, -1, -9, -9, -9, -2, -9, -9, -0.5, -9, -9, -9])
        let read = GreedyDecoder.transcript(of: uneven, vocabulary: Self.vocabulary)
        #expect(read.symbols.map(\.index) == [1])
        #expect(read.symbols.map(\.frames) == [0..<2])
        #expect(read.symbols.map(\.score) == [-1.5])
        #expect(read.score == -3.5)
    }

    @Test("frames that come in pieces read as they would at once", arguments: 0...7)
    func pieces(cut: Int) {
        let text = "_aa_ab|"
        var decoder = GreedyDecoder(vocabulary: Self.vocabulary)
        decoder.append(frames(String(text.prefix(cut))))
        decoder.append(frames(String(text.dropFirst(cut))))
        #expect(
            decoder.finish()
                == GreedyDecoder.transcript(of: frames(text), vocabulary: Self.vocabulary))
    }

    @Test("the blank may be any class") func blankAnywhere() {
        let vocabulary = Vocabulary(symbols: ["a", "b", "_"], blank: 2, wordDelimiter: nil)
        let values: [Float] = [-1, -5, -5, -5, -5, -1, -1, -5, -5, -5, -1, -5]
        let transcript = GreedyDecoder.transcript(
            of: LogProbabilities(frames: 4, classes: 3, values: values), vocabulary: vocabulary)
        #expect(transcript.text == "aab")
    }

    @Test("the best class is the first of the greatest in alphabets of any size", arguments: 1...70)
    func best(classes: Int) {
        var random: UInt64 = UInt64(classes)
        for _ in 0..<50 {
            // Few values, so that there are equal ones.
            let row: [Float] = (0..<classes).map { _ in
                random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return -Float((random >> 33) % 30) / 4
            }
            let expected = row.indices.reduce(0) { row[$1] > row[$0] ? $1 : $0 }
            let found = row.withUnsafeBufferPointer { GreedyDecoder.best(of: $0) }
            #expect(found == expected, "\(row)")
        }
        let nothing = [Float](repeating: -.infinity, count: classes)
        #expect(nothing.withUnsafeBufferPointer { GreedyDecoder.best(of: $0) } == 0)
    }
}
