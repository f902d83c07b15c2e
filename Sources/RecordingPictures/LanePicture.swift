internal import SpeechTypes
internal import SubtitleCues
internal import TranscriptRows

/// One lane in one line: waveform, speech, windows and words, one below the other.
struct LanePicture {
    let lane: RecordingTimeline.Lane
    let scale: PictureScale
    let hasRoomForWords: Bool
    /// What fills the height of a waveform.
    private let loudest: Float

    private static let waveHeight = 44
    private static let speechY = 50
    private static let windowY = [57, 62]
    private static let wordY = 70
    private static let textRows = [82, 94, 106]
    /// Rows that words take in the fullest line.
    private var rowCount = 0
    /// Of a column of text at its size.
    private static let tenthsPerColumn = 72

    /// With the space below it.
    var height: Int { 80 + (rowCount == 0 ? 0 : 12 * rowCount - 2) }

    /// Confidence below which words are marked, in ten thousandths.
    private static let doubtful = 8_000
    private static let poor = 5_000

    init(_ lane: RecordingTimeline.Lane, _ scale: PictureScale) {
        self.lane = lane
        self.scale = scale
        hasRoomForWords = scale.hasRoomForWords && !lane.words.isEmpty
        loudest = max(1e-4, lane.peaks.loudest)
        guard hasRoomForWords else { return }
        for line in scale.lines {
            let rows = placedTexts(wordsReaching(into: line), line).map(\.row)
            rowCount = max(rowCount, (rows.max() ?? -1) + 1)
        }
    }

    func draw(_ line: Range<Int>, x: Int, y: Int, in picture: inout SVGBuilder) {
        drawWave(line, x: x, y: y, &picture)
        func path(_ ranges: some Sequence<Range<Int>>, _ kind: String, _ top: Int) {
            let data = bars(ranges, line)
            guard !data.isEmpty else { return }
            picture.put(
                "<path class=\"\(kind)\" transform=\"translate(\(x) \(y + top))\" d=\"\(data)\"/>")
        }
        path(reaching(into: line, lane.speech, \.self), "speech", Self.speechY)
        // Neighbours lie on two levels, since one's context is the other's core.
        let windows = lane.windows.enumerated()
        for (level, top) in Self.windowY.enumerated() {
            let mine = windows.lazy.filter { $0.offset % 2 == level }.map(\.element)
            path(mine.map(\.computed), "context", top)
            path(mine.map(\.core), "core", top)
        }
        let words = wordsReaching(into: line)
        for level in Level.allCases {
            path(words.filter { $0.level == level }.map(\.range), level.rawValue, Self.wordY)
        }
        if hasRoomForWords { drawTexts(words, line, x: x, y: y, &picture) }
    }

    // MARK: Bars

    /// Ranges as horizontal lines: what is less than a point apart is one.
    private func bars(_ ranges: some Sequence<Range<Int>>, _ line: Range<Int>) -> String {
        var data = ""
        var current: Range<Int>?
        func end() {
            guard let current else { return }
            data +=
                "M\(SVGBuilder.points(current.lowerBound)) 0h\(SVGBuilder.points(current.count))"
        }
        for range in ranges where range.overlaps(line) {
            let first = scale.place(of: range.lowerBound, in: line)
            let last = max(scale.place(of: range.upperBound, in: line), first + 5)
            if let open = current, first - open.upperBound < 10, mergesBars {
                current = open.lowerBound..<max(last, open.upperBound)
            } else {
                end()
                current = first..<last
            }
        }
        end()
        return data
    }

    /// Where lines are long, what lies close together cannot be told apart, and would fill the file.
    private var mergesBars: Bool { !scale.hasRoomForWords }

    /// Of a sorted list, what reaches into a line.
    private func reaching<Element>(
        into line: Range<Int>, _ all: [Element], _ range: (Element) -> Range<Int>
    ) -> [Range<Int>] {
        var (low, high) = (0, all.count)
        while low < high {
            let middle = (low + high) / 2
            if range(all[middle]).upperBound <= line.lowerBound {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return all[low...].lazy.map(range).prefix { $0.lowerBound < line.upperBound }.map(\.self)
    }

    // MARK: The waveform

    /// In points from left to right, and in half points up and down.
    private func drawWave(_ line: Range<Int>, x: Int, y: Int, _ picture: inout SVGBuilder) {
        var paths = [WavePath(), WavePath()]
        let cores = lane.windows.map(\.core)
        let computed = reaching(into: line, cores, \.self)
        var next = 0
        for column in 0..<scale.columns(of: line) {
            let samples = scale.samples(ofColumn: column, in: line)
            guard let (low, high) = lane.peaks.extremes(in: samples) else { continue }
            while next < computed.count, computed[next].upperBound <= samples.lowerBound {
                next += 1
            }
            let isComputed = next < computed.count && computed[next].overlaps(samples)
            paths[isComputed ? 0 : 1].add(
                column, top: -halfPoints(high), bottom: -halfPoints(low))
        }
        for (path, kind) in zip(paths, ["wave", "skipped"]) where !path.data.isEmpty {
            picture.put(
                "<path class=\"\(kind)\" transform=\"translate(\(x).5 \(y + Self.waveHeight / 2)) "
                    + "scale(1 .5)\" d=\"\(path.data)\"/>")
        }
    }

    private func halfPoints(_ sample: Float) -> Int {
        Int((max(-1, min(1, sample / loudest)) * Float(Self.waveHeight)).rounded())
    }

    /// Upright lines, each said from the end of the one before.
    private struct WavePath {
        private(set) var data = ""
        private var column = 0
        private var bottom = 0

        mutating func add(_ next: Int, top: Int, bottom newBottom: Int) {
            let end = max(newBottom, top + 1)
            data += "m\(next - column) \(top - bottom)v\(end - top)"
            (column, bottom) = (next, end)
        }
    }

    // MARK: Words

    private enum Level: String, CaseIterable {
        case sure, doubtful, poor

        init(_ confidence: Int?) {
            let confidence = confidence ?? 10_000
            self =
                confidence < LanePicture.poor
                ? .poor : confidence < LanePicture.doubtful ? .doubtful : .sure
        }
    }

    private struct PlacedWord {
        var range: Range<Int>
        var level: Level
        var text: String
    }

    private func wordsReaching(into line: Range<Int>) -> [PlacedWord] {
        var found: [PlacedWord] = []
        var (low, high) = (0, lane.words.count)
        while low < high {
            let middle = (low + high) / 2
            if RecordingTimeline.sample(at: lane.words.start(of: middle)) < line.lowerBound {
                low = middle + 1
            } else {
                high = middle
            }
        }
        for word in lane.words[max(0, low - 1)...] {
            let start = RecordingTimeline.sample(at: word.start)
            guard start < line.upperBound else { break }
            let range = start..<max(start + 1, RecordingTimeline.sample(at: word.end))
            guard range.overlaps(line) else { continue }
            found.append(
                PlacedWord(range: range, level: Level(word.confidence), text: word.text))
        }
        return found
    }

    private func drawTexts(
        _ words: [PlacedWord], _ line: Range<Int>, x: Int, y: Int, _ picture: inout SVGBuilder
    ) {
        for (word, place, row) in placedTexts(words, line) {
            picture.label(
                word.text, x: x * 10 + place, y: y + Self.textRows[row],
                word.level == .sure ? "word" : word.level.rawValue)
        }
    }

    /// Each word in the first row that has room where it begins; words without room are bars only.
    private func placedTexts(
        _ words: [PlacedWord], _ line: Range<Int>
    ) -> [(word: PlacedWord, place: Int, row: Int)] {
        var free = [Int](repeating: 0, count: Self.textRows.count)
        var placed: [(word: PlacedWord, place: Int, row: Int)] = []
        for word in words where word.range.lowerBound >= line.lowerBound {
            let place = scale.place(of: word.range.lowerBound, in: line)
            var shown = word
            shown.text = SVGBuilder.shortened(word.text, columns: 40)
            let width = CharacterColumns.count(shown.text) * Self.tenthsPerColumn
            guard place + width <= (PictureScale.width + 40) * 10,
                let row = free.firstIndex(where: { $0 <= place })
            else { continue }
            free[row] = place + width + 30
            placed.append((shown, place, row))
        }
        return placed
    }
}
