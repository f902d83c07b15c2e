import SubtitleCues
import Testing

/// How speech is cut into subtitles.
struct CueBuilderTests {
    /// Words that are said one after the other; `|` is a pause of a second, `||` of two.
    private func utterance(
        _ text: String, at start: Int = 0, wordMilliseconds: Int = 300
    ) -> Utterance {
        var words: [Utterance.Word] = []
        var time = start
        for token in text.split(separator: " ") {
            if token.allSatisfy({ $0 == "|" }) {
                time += token.count * 1_000
                continue
            }
            words.append(
                .init(
                    text: String(token), startMilliseconds: time,
                    endMilliseconds: time + wordMilliseconds - 20))
            time += wordMilliseconds
        }
        return Utterance(
            startMilliseconds: start, endMilliseconds: time,
            text: words.map(\.text).joined(separator: " "), words: words)
    }

    private func texts(_ cues: [Cue]) -> [String] {
        cues.map { $0.lines.joined(separator: "/") }
    }

    @Test func aShortUtteranceIsOneCueFromItsStartToItsEnd() {
        let cues = CueBuilder().cues(of: [utterance("one two three", at: 1_000)])
        #expect(
            cues == [
                Cue(
                    startMilliseconds: 1_000, endMilliseconds: 1_900, lines: ["one two three"],
                    utterance: 0)
            ])
    }

    @Test func cutsFallOnPauses() {
        let cues = CueBuilder().cues(of: [
            utterance(
                "we went down to the river this morning | and there was nobody there at all to "
                    + "help us")
        ])
        #expect(cues.count == 2)
        #expect(cues[1].lines.joined(separator: " ").hasPrefix("and there"))
        #expect(cues[1].startMilliseconds - cues[0].endMilliseconds >= 900)
    }

    @Test func nothingIsShownOverALongSilence() {
        let cues = CueBuilder().cues(of: [utterance("yes || no")])
        #expect(texts(cues) == ["yes", "no"])
        #expect(cues[0].endMilliseconds < cues[1].startMilliseconds)
        #expect(cues[0].endMilliseconds - cues[0].startMilliseconds == 800)
    }

    /// As between words: what is shorter than the gap is shown over, and at the edges of a row no more.
    @Test func theEdgesOfARowAreReachedOverShortSilences() {
        func cue(_ lead: Int, _ tail: Int) -> Cue {
            let utterance = Utterance(
                startMilliseconds: 10_000, endMilliseconds: 11_000 + lead + tail, text: "one",
                words: [
                    .init(
                        text: "one", startMilliseconds: 10_000 + lead,
                        endMilliseconds: 11_000 + lead)
                ])
            return CueBuilder().cues(of: [utterance])[0]
        }
        #expect(cue(1_499, 1_499).startMilliseconds == 10_000)
        #expect(cue(1_499, 1_499).endMilliseconds == 13_998)
        #expect(cue(1_500, 1_500).startMilliseconds == 11_500)
        #expect(cue(1_500, 1_500).endMilliseconds == 12_500)
    }

    @Test func aRecordingThatBeginsWithSilenceHasNoCueThere() {
        var talk = utterance("one two three", at: 9_000)
        talk.startMilliseconds = 0
        talk.endMilliseconds = 60_000
        let cues = CueBuilder().cues(of: [talk])
        #expect(cues.first?.startMilliseconds == 9_000)
        #expect(cues.last?.endMilliseconds ?? .max < 11_000)
    }

    @Test func japaneseIsCutBetweenCharactersButNotBeforeClosingMarks() {
        let text = "これは字幕のための長い文章です。一行に二十一文字までしか入りません。だから分けます。"
        let talk = Utterance(
            startMilliseconds: 0, endMilliseconds: 6_500, text: text,
            words: [.init(text: text, startMilliseconds: 0, endMilliseconds: 6_500)])
        let cues = CueBuilder().cues(of: [talk])
        #expect(cues.flatMap(\.lines).joined() == text)
        for line in cues.flatMap(\.lines) {
            #expect(line.count <= 21)
            #expect(!"。、っ".contains(line.first ?? "。"))
        }
    }

    @Test func marksStayWithTheirLetters() {
        let text = String(repeating: "が\u{3099}か\u{3099}", count: 40)
        let talk = Utterance(
            startMilliseconds: 0, endMilliseconds: 6_000, text: text,
            words: [.init(text: text, startMilliseconds: 0, endMilliseconds: 6_000)])
        let cues = CueBuilder().cues(of: [talk])
        #expect(cues.flatMap(\.lines).joined().unicodeScalars.elementsEqual(text.unicodeScalars))
        for line in cues.flatMap(\.lines) { #expect(line.unicodeScalars.first != "\u{3099}") }
    }

    @Test func rightToLeftTextStaysInReadingOrder() {
        let text = "שלום לכולם וברוכים הבאים להרצאה על שפות"
        let cues = CueBuilder().cues(of: [utterance(text)])
        #expect(cues.flatMap(\.lines).joined(separator: " ") == text)
    }

    @Test func aLineOfRightToLeftTextThatBeginsWithOtherLettersIsMarked() {
        var options = SubtitleOptions()
        options.columnsMax = 12
        options.columnsPreferred = 12
        let cues = CueBuilder(options).cues(of: [utterance("שלום לכולם Scriptorium")])
        #expect(texts(cues) == ["שלום לכולם/\u{200F}Scriptorium"])
    }

    @Test func speechOfTwoAtOneTimeGivesCuesOneAfterTheOther() {
        let cues = CueBuilder().cues(of: [
            utterance("one two three four five six", at: 0),
            utterance("seven eight nine ten", at: 600),
        ])
        #expect(cues.count == 2)
        #expect(cues[0].endMilliseconds <= cues[1].startMilliseconds)
        #expect(cues.allSatisfy { $0.endMilliseconds - $0.startMilliseconds >= 800 })
    }

    @Test func aWordThatIsLongerThanALineStaysWhole() {
        let word = String(repeating: "a", count: 60)
        let cues = CueBuilder().cues(of: [utterance("one \(word) two")])
        #expect(cues.flatMap(\.lines).contains(word))
    }

    @Test func moreLinesAreUsedWhenAllowed() {
        var options = SubtitleOptions()
        options.columnsMax = 10
        options.columnsPreferred = 10
        options.linesMax = 3
        let cues = CueBuilder(options).cues(of: [utterance("aaaa bbbb cccc dddd eeee ffff")])
        #expect(texts(cues) == ["aaaa bbbb/cccc dddd/eeee ffff"])
    }

    /// Random speech of one or two voices: whatever it is, the rules hold and no word is lost.
    @Test(arguments: 0..<40)
    func theRulesHoldForAnySpeech(seed: Int) {
        var generator = Seeded(state: UInt64(seed) &+ 1)
        var options = SubtitleOptions()
        if seed % 3 == 0 {
            options.columnsMax = Int.random(in: 12...60, using: &generator)
            options.columnsPreferred = max(1, options.columnsMax - 5)
            options.linesMax = Int.random(in: 1...3, using: &generator)
        }
        var utterances: [Utterance] = []
        var time = 0
        for _ in 0..<Int.random(in: 1...8, using: &generator) {
            let overlap = Int.random(in: 0...4, using: &generator) == 0
            time += Int.random(in: overlap ? -2_000...0 : 0...3_000, using: &generator)
            time = max(0, time)
            utterances.append(speech(from: &time, &generator))
        }
        utterances.sort { $0.startMilliseconds < $1.startMilliseconds }
        let cues = CueBuilder(options).cues(of: utterances)
        for (cue, next) in zip(cues, cues.dropFirst()) {
            #expect(cue.endMilliseconds <= next.startMilliseconds, "seed \(seed)")
        }
        for cue in cues {
            let length = cue.endMilliseconds - cue.startMilliseconds
            #expect(length > 0 && length <= options.millisecondsMax, "seed \(seed): \(cue)")
            #expect(cue.lines.count <= options.linesMax, "seed \(seed): \(cue)")
            for line in cue.lines {
                #expect(
                    line.count <= options.columnsMax || !line.contains(" "),
                    "seed \(seed): \(line)")
                #expect(line.first != " " && line.last != " " && !line.contains("  "))
            }
        }
        for (index, utterance) in utterances.enumerated() {
            let said = (utterance.words ?? []).map(\.text).joined(separator: " ")
            let shown = cues.filter { $0.utterance == index }.flatMap(\.lines)
                .joined(separator: " ")
            #expect(shown == said, "seed \(seed)")
        }
    }

    /// Cues that have time to be read are given it, where voices do not overlap.
    @Test(arguments: 0..<20)
    func shortCuesAreLengthenedIntoTheSilenceAroundThem(seed: Int) {
        var generator = Seeded(state: UInt64(seed) &+ 77)
        var utterances: [Utterance] = []
        var time = 0
        for _ in 0..<10 {
            time += Int.random(in: 900...3_000, using: &generator)
            utterances.append(
                utterance(
                    "yes", at: time, wordMilliseconds: Int.random(in: 60...500, using: &generator)))
            time = utterances[utterances.count - 1].endMilliseconds
        }
        let cues = CueBuilder().cues(of: utterances)
        #expect(cues.count == 10)
        #expect(cues.allSatisfy { $0.endMilliseconds - $0.startMilliseconds >= 800 })
    }

    /// Symbols of several letters, punctuation that begins no line, and words whose characters are missing.
    @Test func partsOfAWordHaveTheTimesOfTheirCharacters() {
        func timed(_ texts: [String], from start: Int) -> [Utterance.Word] {
            texts.enumerated().map { index, text in
                .init(
                    text: text, startMilliseconds: start + 1_000 * index,
                    endMilliseconds: start + 1_000 * index + 200)
            }
        }
        func cues(_ characters: [Utterance.Word], _ text: String) -> [Cue] {
            var options = SubtitleOptions()
            options.columnsMax = 4
            options.columnsPreferred = 4
            options.linesMax = 1
            options.millisecondsMin = 1
            var utterance = Utterance(
                startMilliseconds: 1_000, endMilliseconds: 4_200, text: text,
                words: [
                    .init(text: text, startMilliseconds: 1_000, endMilliseconds: 4_200)
                ])
            utterance.characters = characters
            return CueBuilder(options).cues(of: [utterance])
        }
        // Two letters in one symbol; a full stop that belongs to the letter before it.
        let symbols = cues(timed(["かき", "く", "。", "け"], from: 1_000), "かきく。け")
        #expect(texts(symbols) == ["かき", "く。", "け"])
        #expect(symbols.map(\.startMilliseconds) == [1_000, 2_000, 4_000])
        #expect(symbols.map(\.endMilliseconds) == [1_200, 3_200, 4_200])
        // Characters of another text are of no use.
        let others = cues(timed(["さ", "し"], from: 1_000), "かきく。け")
        #expect(others.map(\.startMilliseconds).first == 1_000)
        #expect(others.map(\.endMilliseconds).last == 4_200)
        #expect(others == cues([], "かきく。け"))
    }

    private func speech(from time: inout Int, _ generator: inout Seeded) -> Utterance {
        let start = time
        var words: [Utterance.Word] = []
        for _ in 0..<Int.random(in: 1...60, using: &generator) {
            let length = Int.random(in: 20...900, using: &generator)
            let letters = Int.random(in: 1...14, using: &generator)
            let end = [".", ",", "", "", "", ""].randomElement(using: &generator) ?? ""
            words.append(
                .init(
                    text: String(repeating: "w", count: letters) + end, startMilliseconds: time,
                    endMilliseconds: time + length))
            time += length
            if Int.random(in: 0...5, using: &generator) == 0 {
                time += Int.random(in: 0...4_000, using: &generator)
            }
        }
        return Utterance(
            startMilliseconds: start, endMilliseconds: time,
            text: words.map(\.text).joined(separator: " "), words: words)
    }
}

/// Numbers that are the same in every run (Knuth's constants).
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state >> 33) ^ (state << 17)
    }
}
