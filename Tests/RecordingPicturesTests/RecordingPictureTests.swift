import Foundation
import FoundationXML
import RecordingPictures
import SpeechTypes
import Testing
import TranscriptRows

/// The elements of a picture; nil for what is no XML.
private final class Elements: NSObject, XMLParserDelegate {
    struct Element {
        var name: String
        var kind: String
        var attributes: [String: String]
        var text = ""
    }

    private(set) var all: [Element] = []
    /// Whether text belongs to the last element.
    private var isOpen = false

    init?(_ svg: String) {
        super.init()
        let parser = XMLParser(data: Data(svg.utf8))
        parser.delegate = self
        guard parser.parse() else { return nil }
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
        qualifiedName: String?, attributes: [String: String]
    ) {
        all.append(Element(name: name, kind: attributes["class"] ?? "", attributes: attributes))
        isOpen = true
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) {
        if isOpen { all[all.count - 1].text += text }
    }

    func parser(
        _ parser: XMLParser, didEndElement name: String, namespaceURI: String?,
        qualifiedName: String?
    ) {
        isOpen = false
    }

    func texts(_ kind: String) -> [Element] { all.filter { $0.name == "text" && $0.kind == kind } }

    /// How many strokes the paths of a kind have, the legend's not counted.
    func strokes(_ kind: String, _ move: Character) -> Int {
        all.filter {
            $0.name == "path" && $0.kind == kind
                && $0.attributes["transform"]?.hasSuffix(" 76)") == false
        }.reduce(0) { $0 + ($1.attributes["d"] ?? "").count { $0 == move } }
    }
}

@Suite("Pictures of recordings")
struct RecordingPictureTests {
    private static let rate = 16_000

    private static func word(
        _ text: String, _ start: Double, _ end: Double, _ confidence: Int = 9_900
    ) -> TimedWord {
        TimedWord(
            text: text, start: MediaTime(milliseconds: Int(start * 1_000)),
            end: MediaTime(milliseconds: Int(end * 1_000)), confidence: confidence)
    }

    /// Eight seconds: speech from 2 to 4, a window around it, and three words.
    private static func timeline(
        title: String = "talk.wav", words: [TimedWord]? = nil
    ) -> RecordingTimeline {
        var peaks = PeakCurve()
        peaks.append((0..<8 * rate).map { $0 % 2 == 0 ? 0.25 : -0.125 }[...])
        var lane = RecordingTimeline.Lane(channel: nil, peaks: peaks)
        lane.speech = [2 * rate..<4 * rate]
        lane.windows = [
            RecordingTimeline.Window(
                core: 24_000..<72_000, computed: 24_000..<72_000)
        ]
        lane.words = TimedWords(
            words ?? [
                word("HELLO", 2.1, 2.6), word("BIG", 2.8, 3.0, 7_000),
                word("WORLD", 3.2, 3.9, 3_000),
            ])
        lane.coverage = RecordingTimeline.Coverage(
            speech: 2 * rate, silence: rate, skipped: 5 * rate)
        return RecordingTimeline(
            title: title, samples: 8 * rate, chunking: .speech, lanes: [lane])
    }

    @Test("waveform, speech, windows and words are drawn, and every second is accounted for")
    func whole() throws {
        let svg = RecordingPicture(Self.timeline()).svg
        #expect(svg == RecordingPicture(Self.timeline()).svg)
        let elements = try #require(Elements(svg))
        #expect(elements.texts("title").map(\.text) == ["talk.wav"])
        #expect(elements.texts("word").map(\.text) == ["HELLO"])
        #expect(elements.texts("doubtful").map(\.text) == ["BIG"])
        #expect(elements.texts("poor").map(\.text) == ["WORLD"])
        // 125 points a second: the window of 3 s begins and ends within a point.
        #expect(elements.strokes("wave", "v") == 376)
        #expect(elements.strokes("skipped", "v") == 624)
        #expect(svg.contains("d=\"M250 0h250\""))
        #expect(svg.contains("d=\"M187.5 0h375\""))
        #expect(
            svg.contains("speech 2.0 s (25.0 %), computed besides 1.0 s (12.5 %), skipped 5.0 s"))
        #expect(svg.contains(">0:07</text>"))
        #expect(svg.contains("prefers-color-scheme: dark"))
    }

    @Test("names and words cannot break out of the picture")
    func hostileText() throws {
        let evil = "</title><script>alert(1)</script>&\"'\u{1B}[2J\u{0}\u{FFFF}\u{202E}"
        let svg = RecordingPicture(
            Self.timeline(title: evil, words: [Self.word("<a&b>\u{1}", 1, 2)])
        ).svg
        let elements = try #require(Elements(svg))
        #expect(!elements.all.contains { $0.name == "script" })
        #expect(elements.texts("word").map(\.text) == ["<a&b>\u{FFFD}"])
        #expect(!svg.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
        #expect(!svg.contains("http://") || svg.components(separatedBy: "http").count == 2)
    }

    @Test("words are never written over each other, and each has its bar")
    func crowdedWords() throws {
        let words = (0..<80).map { Self.word("WORD\($0)", Double($0) / 10, Double($0) / 10 + 0.09) }
        let elements = try #require(Elements(RecordingPicture(Self.timeline(words: words)).svg))
        let texts = elements.texts("word")
        #expect(texts.count > 20 && texts.count < 80)
        for row in Set(texts.compactMap { $0.attributes["y"] }) {
            let places = texts.filter { $0.attributes["y"] == row }
                .compactMap { $0.attributes["x"].flatMap(Double.init) }.sorted()
            #expect(zip(places, places.dropFirst()).allSatisfy { $1 - $0 >= 36 })
        }
        #expect(elements.strokes("sure", "M") == 80)
    }

    @Test("a part of a row is drawn with the times of its recording")
    func span() throws {
        var timeline = Self.timeline()
        timeline.offset = MediaTime(milliseconds: 3_600_000)
        timeline.shown = 2 * Self.rate..<3 * Self.rate
        let elements = try #require(Elements(RecordingPicture(timeline).svg))
        #expect(elements.texts("faint").contains { $0.text == "1:00:02.5" })
        #expect(elements.texts("word").map(\.text) == ["HELLO"])
        #expect(elements.texts("poor").isEmpty)
    }

    @Test("a picture of a day, with words and windows everywhere, has a limited size")
    func day() throws {
        let hours = 24
        var lane = RecordingTimeline.Lane(channel: nil, peaks: PeakCurve(blocksMax: 1 << 10))
        // The waveform of a line takes as much whatever its length: an hour stands for the day.
        for second in 0..<3_600 {
            lane.peaks.append(
                (0..<Self.rate).map { Float(($0 ^ second) % 64) / 64 - 0.5 }[...])
        }
        let end = hours * 3_600 * Self.rate
        lane.speech = stride(from: 0, to: end, by: 8_000).map { $0..<$0 + 4_000 }
        lane.windows = stride(from: 0, to: end, by: 32_000).map {
            RecordingTimeline.Window(core: $0..<$0 + 28_000, computed: $0..<$0 + 28_000)
        }
        lane.words = TimedWords(
            (0..<hours * 3_600 * 3).map {
                Self.word("word\($0)", Double($0) / 3, Double($0) / 3 + 0.2, $0 % 3 * 4_000)
            })
        let timeline = RecordingTimeline(
            title: "day", samples: end, chunking: .speech, lanes: [lane])
        let svg = RecordingPicture(timeline).svg
        #expect(svg.utf8.count < 2_000_000)
        let elements = try #require(Elements(svg))
        #expect(elements.texts("word").isEmpty)
        #expect(elements.texts("faint").contains { $0.text == "23:30:00" })
    }

    @Test("channels stand one below the other, in fewer lines")
    func channels() throws {
        var timeline = Self.timeline()
        timeline.lanes = (0..<4).map { channel in
            var lane = timeline.lanes[0]
            lane.channel = channel
            return lane
        }
        let elements = try #require(Elements(RecordingPicture(timeline).svg))
        #expect(elements.texts("word").count == 4)
        #expect(
            elements.texts("faint").map(\.text).filter { ["A", "B", "C", "D"].contains($0) }.count
                == 4)
    }
}

@Suite("Peaks of a waveform")
struct PeakCurveTests {
    @Test(
        "they are those of the samples, however these were cut, and blocks grow instead of memory")
    func extremes() {
        var state: UInt64 = 7
        func random() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33
        }
        let samples = (0..<20_000).map { _ in Float(random() % 2_001) / 1_000 - 1 }
        let start = 1_000
        for blocksMax in [2, 16, 256, 1 << 17] {
            var curve = PeakCurve(from: start, blocksMax: blocksMax)
            var rest = samples[...]
            while !rest.isEmpty {
                let piece = rest.prefix(1 + Int(random() % 700))
                curve.append(piece)
                rest = rest.dropFirst(piece.count)
            }
            // Blocks of 80 samples, joined in pairs until there are few enough.
            var block = 80
            while samples.count / block >= blocksMax { block *= 2 }
            for _ in 0..<200 {
                let first = Int(random() % 20_000)
                let end = min(first + 1 + Int(random() % 900), 20_000)
                let whole = first / block * block..<min((end + block - 1) / block * block, 20_000)
                let found = curve.extremes(in: first + start..<end + start)
                #expect(found?.low == samples[whole].min())
                #expect(found?.high == samples[whole].max())
            }
            #expect(curve.extremes(in: 0..<start) == nil)
            #expect(curve.extremes(in: 30_000..<31_000) == nil)
            #expect(curve.loudest == samples.map(abs).max())
        }
        #expect(PeakCurve().extremes(in: 0..<10) == nil)
        #expect(PeakCurve().loudest == 0)
    }
}
