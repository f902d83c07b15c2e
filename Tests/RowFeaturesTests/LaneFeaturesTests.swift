internal import CTCDecoding
internal import RowFeatures
internal import SpeechTypes
internal import StrictJSON
internal import Testing

@Suite("Features of a row")
struct LaneFeaturesTests {
    private static func symbols(_ text: String) -> [Transcript.Symbol] {
        text.utf8.enumerated().map { place, letter in
            .init(index: Int(letter), frames: place..<place + 1, score: 0)
        }
    }

    @Test("repetition counts the ends of stretches of six that were just said")
    func repetitionCountsStretches() throws {
        #expect(Repetition.share(of: []) == nil)
        #expect(Repetition.share(of: Self.symbols("abcdefgh")) == 0)
        // From the second f on, six symbols in a sequence are those eight before: two of 16.
        #expect(Repetition.share(of: Self.symbols("abcdefgxabcdefgy")) == 2.0 / 16)
        // Five are too few.
        #expect(Repetition.share(of: Self.symbols("abcdexabcdey")) == 0)
        #expect(Repetition.share(of: Self.symbols("aaaaaaa")) == 1.0 / 7)
    }

    @Test("what was said long ago is no repetition")
    func repetitionIsShortSighted() {
        func share(between count: Int) -> Double? {
            let filler = (0..<count).map {
                Transcript.Symbol(index: 1_000 + $0, frames: 0..<1, score: 0)
            }
            return Repetition.share(of: Self.symbols("abcdef") + filler + Self.symbols("abcdef"))
        }
        #expect(share(between: 114) == 1.0 / 126)
        #expect(share(between: 115) == 0)
    }

    @Test("a row is one object, with a list where each channel has a transcript")
    func rowsAreObjects() throws {
        var posterior = PosteriorFeatures(blank: 0)
        posterior.append(LogProbabilities(frames: 1, classes: 2, values: [-0.7, -0.7]))
        var audio = AudioFeatures()
        audio.append([Float](repeating: 0.1, count: 8_000))
        let lane = LaneFeatures(
            transcript: Transcript(
                text: "AB", symbols: Self.symbols("AB"), words: [], score: 0),
            posterior: posterior, audio: audio)
        let one = try #require(
            JSONParser.parse(LaneFeatures.json(of: [lane], isEachChannel: false)).object)
        #expect(
            one.members.map(\.key) == [
                "mean_posterior", "least_posterior", "mean_margin", "least_margin",
                "mean_entropy", "greatest_entropy", "blank_share", "symbols_per_second",
                "repetition", "silence_share", "clipped_share", "level_dbfs", "bandwidth_hz",
            ])
        // Two symbols in half a second.
        #expect(one["symbols_per_second"]?.double == 4)
        #expect(one["level_dbfs"]?.double == -20)
        let two = try #require(
            JSONParser.parse(LaneFeatures.json(of: [lane, lane], isEachChannel: true)).object)
        #expect(two.members.map(\.key) == ["channels"])
        #expect(two["channels"]?.array?.count == 2)
    }
}
