internal import CTCDecoding
internal import SpeechTypes

/// What an alignment says about a text and its recording.
struct AlignmentReport {
    private let text: SpelledText
    private let vocabulary: Vocabulary
    private let emissions: Emissions
    private let alignment: LooseAlignment
    private let blank: Int
    private let delimiter: Int?
    /// The log-probability of each frame on the path.
    private let scores: [Float]
    /// Letters, delimiters and extra audio, each with its frames.
    private let spans: [Span]
    /// The spans of each word's letters; empty for missing words.
    private let spansOfWord: [Range<Int>]

    /// Of each line or sentence, where they are known; they are looked for otherwise.
    private let cuts: [UnitCuts.Cut]?

    private struct Span {
        var kind: LooseAlignment.Frame
        var frames: Range<Int>
    }

    init(
        _ text: SpelledText, vocabulary: Vocabulary, _ emissions: Emissions,
        _ alignment: LooseAlignment, blank: Int, delimiter: Int?, cuts: [UnitCuts.Cut]? = nil
    ) {
        self.cuts = cuts
        self.text = text
        self.vocabulary = vocabulary
        self.emissions = emissions
        self.alignment = alignment
        self.blank = blank
        self.delimiter = delimiter
        let columns = emissions.columnOfClass
        scores = alignment.path.enumerated().map { frame, kind in
            let column: Int
            switch kind {
            case .blank: column = blank
            case .delimiter: column = delimiter ?? blank
            case .extra: return emissions.bestValues[frame]
            case .letter(let word, let position):
                column = columns[text.words[word].letters[position]] ?? blank
            }
            return emissions.values[frame * emissions.columns + column]
        }
        var spans: [Span] = []
        var previous = LooseAlignment.Frame.blank
        for (frame, kind) in alignment.path.enumerated() {
            if kind == previous, kind != .blank {
                spans[spans.count - 1].frames = spans[spans.count - 1].frames.lowerBound..<frame + 1
            } else if kind != .blank {
                spans.append(Span(kind: kind, frames: frame..<frame + 1))
            }
            previous = kind
        }
        self.spans = spans
        var ofWord = [Range<Int>](repeating: 0..<0, count: text.words.count)
        for (index, span) in spans.enumerated() {
            guard case .letter(let word, _) = span.kind else { continue }
            let start = ofWord[word].isEmpty ? index : ofWord[word].lowerBound
            ofWord[word] = start..<index + 1
        }
        spansOfWord = ofWord
    }

    // MARK: Transcript

    /// The words that have audio, spelled as they were aligned.
    func transcript() -> Transcript {
        let assembler = TextAssembler(vocabulary: vocabulary)
        var transcript = assembler.transcript(
            of: symbols(), score: scores.reduce(0) { $0 + Double($1) })
        transcript.alignment = TextAlignment(
            score: meanProbability(of: alignedWords), items: items(), segments: segments(),
            originals: originals(of: transcript))
        return transcript
    }

    private var alignedWords: [Int] { text.words.indices.filter { !spansOfWord[$0].isEmpty } }

    private func symbols() -> [Transcript.Symbol] {
        var symbols: [Transcript.Symbol] = []
        var previous: Int?
        for word in alignedWords {
            let range = spansOfWord[word]
            if let previous, let delimiter = vocabulary.wordDelimiter {
                symbols.append(
                    symbol(delimiter, delimiterFrames(spansOfWord[previous], range)))
            }
            for index in range {
                guard case .letter(_, let position) = spans[index].kind else { continue }
                symbols.append(symbol(text.words[word].letters[position], spans[index].frames))
            }
            previous = word
        }
        return symbols
    }

    /// The frames of the delimiter between two words; none, at the end of the first, where there is none.
    private func delimiterFrames(_ first: Range<Int>, _ second: Range<Int>) -> Range<Int> {
        for index in first.upperBound..<max(first.upperBound, second.lowerBound)
        where spans[index].kind == .delimiter {
            return spans[index].frames
        }
        let end = spans[first.upperBound - 1].frames.upperBound
        return end..<end
    }

    private func symbol(_ index: Int, _ frames: Range<Int>) -> Transcript.Symbol {
        let sum = frames.reduce(0.0) { $0 + Double(scores[$1]) }
        let probability = frames.reduce(0.0) { $0 + Self.exponential(Double(scores[$1])) }
        let count = Double(max(1, frames.count))
        return Transcript.Symbol(
            index: index, frames: frames, score: Float(sum / count),
            confidence: frames.isEmpty ? 1 : Float(min(1, probability / count)))
    }

    private func originals(of transcript: Transcript) -> [String] {
        let words = alignedWords
        guard words.count == transcript.words.count else { return [] }
        let originals = words.map { text.source(text.words[$0].source) }
        let isSame = zip(originals, transcript.words).allSatisfy {
            $0.utf8.elementsEqual(transcript.text(of: $1).utf8)
        }
        return isSame ? [] : originals
    }

    /// The mean probability of the letters of words, each counted as often as it has frames.
    private func meanProbability(of words: some Sequence<Int>) -> Double? {
        var (sum, count) = (0.0, 0)
        for word in words {
            for span in spans[spansOfWord[word]] {
                guard case .letter = span.kind else { continue }
                for frame in span.frames { sum += Self.exponential(Double(scores[frame])) }
                count += span.frames.count
            }
        }
        return count == 0 ? nil : min(1, sum / Double(count))
    }

    // MARK: Items

    private func items() -> [TextAlignment.Item] {
        var items: [TextAlignment.Item] = []
        var waiting: (state: TextAlignment.State, words: [Int])?
        var frame = 0

        func end() {
            guard let (state, words) = waiting, let first = words.first, let last = words.last
            else { return }
            waiting = nil
            let source =
                text.words[first].source.lowerBound..<text.words[last].source.upperBound
            let frames =
                state == .missing ? frame..<frame : framesOf(words: first...last)
            items.append(
                .init(
                    state: state, frames: frames, text: text.source(source),
                    score: state == .missing ? nil : meanProbability(of: words)))
        }
        func add(_ word: Int, _ state: TextAlignment.State) {
            if waiting?.state != state { end() }
            if waiting == nil { waiting = (state, []) }
            waiting?.words.append(word)
        }

        var next = 0
        func addMissing(before word: Int) {
            while next < word {
                add(next, .missing)
                next += 1
            }
        }
        for (index, extra) in extraRuns() {
            // Words whose letters are before the audio.
            while let word = alignedWord(from: next), spansOfWord[word].upperBound <= index {
                addMissing(before: word)
                add(word, .aligned)
                frame = spans[spansOfWord[word].upperBound - 1].frames.upperBound
                next = word + 1
            }
            end()
            items.append(
                .init(state: .extra, frames: extra, text: reading(of: extra), score: nil))
            frame = extra.upperBound
        }
        while let word = alignedWord(from: next) {
            addMissing(before: word)
            add(word, .aligned)
            frame = spans[spansOfWord[word].upperBound - 1].frames.upperBound
            next = word + 1
        }
        addMissing(before: text.words.count)
        end()
        return items
    }

    private func alignedWord(from start: Int) -> Int? {
        var word = start
        while word < spansOfWord.count {
            if !spansOfWord[word].isEmpty { return word }
            word += 1
        }
        return nil
    }

    /// Extra audio, pauses in it included, each with the span that it begins with.
    private func extraRuns() -> [(index: Int, frames: Range<Int>)] {
        var runs: [(index: Int, frames: Range<Int>)] = []
        var isOpen = false
        for (index, span) in spans.enumerated() {
            switch span.kind {
            case .extra where isOpen:
                let last = runs.count - 1
                runs[last].frames = runs[last].frames.lowerBound..<span.frames.upperBound
            case .extra:
                runs.append((index, span.frames))
                isOpen = true
            case .letter: isOpen = false
            case .blank, .delimiter: break
            }
        }
        return runs
    }

    private func framesOf(words: ClosedRange<Int>) -> Range<Int> {
        let first = spansOfWord[words.lowerBound].lowerBound
        let last = spansOfWord[words.upperBound].upperBound - 1
        return spans[first].frames.lowerBound..<spans[last].frames.upperBound
    }

    /// What a greedy decoder reads in a part of the recording.
    private func reading(of frames: Range<Int>) -> String {
        var symbols: [Transcript.Symbol] = []
        var previous = Int32(vocabulary.blank)
        for frame in frames {
            let best = emissions.best[frame]
            if best != previous, Int(best) != vocabulary.blank {
                symbols.append(.init(index: Int(best), frames: frame..<frame + 1, score: 0))
            }
            previous = best
        }
        return TextAssembler(vocabulary: vocabulary).transcript(of: symbols).text
    }

    // MARK: Segments

    /// Lines or sentences with audio; longer ones are divided at their longest pauses.
    private func segments() -> [TextAlignment.Segment] {
        var units: [ClosedRange<Int>] = []
        var first = 0
        for word in text.words.indices where text.words[word].endsUnit {
            units += cuts == nil ? divided(first...word) : [first...word]
            first = word + 1
        }
        let spoken = units.compactMap { unit -> (unit: ClosedRange<Int>, cut: UnitCuts.Unit)? in
            let aligned = unit.filter { !spansOfWord[$0].isEmpty }
            guard let first = aligned.first, let last = aligned.last else { return nil }
            let columns = emissions.columnOfClass
            let letters = text.words[last].letters
            return (
                first...last,
                UnitCuts.Unit(
                    first: spans[spansOfWord[first].lowerBound].frames,
                    last: spans[spansOfWord[last].upperBound - 1].frames,
                    lastColumn: columns[letters[letters.count - 1]] ?? blank)
            )
        }
        let cuts =
            cuts
            ?? UnitCuts.cuts(spoken.map(\.cut), scores: scores, blank: blank, in: emissions)
        let wholeUnits = Set(units.map(\.lowerBound))
        let ends = Dictionary(uniqueKeysWithValues: units.map { ($0.lowerBound, $0.upperBound) })
        return zip(spoken, cuts).map { entry, cut in
            let words = entry.unit
            let isWhole =
                wholeUnits.contains(words.lowerBound) && ends[words.lowerBound] == words.upperBound
                && words.allSatisfy { !spansOfWord[$0].isEmpty } && !hasExtra(words)
            let source =
                text.words[words.lowerBound].source
                .lowerBound..<text.words[words.upperBound].source
                .upperBound
            let frames = clipped(cut, entry.cut)
            return .init(
                frames: frames, text: text.source(source), alignedText: alignedText(words),
                score: meanProbability(of: words) ?? 0,
                leastMeanLogProbability: cut.confidence, isWhole: isWhole)
        }
    }

    /// A segment takes no audio that is extra.
    private func clipped(_ cut: UnitCuts.Cut, _ unit: UnitCuts.Unit) -> Range<Int> {
        var start = unit.first.lowerBound
        while start > Int(cut.start.rounded()), alignment.path[start - 1] != .extra { start -= 1 }
        var end = unit.last.upperBound
        while end < min(Int(cut.end.rounded()), emissions.frames), alignment.path[end] != .extra {
            end += 1
        }
        return start..<end
    }

    private func hasExtra(_ words: ClosedRange<Int>) -> Bool {
        let first = spansOfWord[words.lowerBound].lowerBound
        return spans[first..<max(first, spansOfWord[words.upperBound].upperBound)].contains {
            $0.kind == .extra
        }
    }

    private func alignedText(_ words: ClosedRange<Int>) -> String {
        var symbols: [Transcript.Symbol] = []
        for word in words where !spansOfWord[word].isEmpty {
            if !symbols.isEmpty, let delimiter = vocabulary.wordDelimiter {
                symbols.append(.init(index: delimiter, frames: 0..<0, score: 0))
            }
            symbols += text.words[word].letters.map { .init(index: $0, frames: 0..<0, score: 0) }
        }
        return TextAssembler(vocabulary: vocabulary).transcript(of: symbols).text
    }

    /// Frames that a segment has at most, as far as there are pauses between its words: 30 s.
    private static let framesOfSegmentMax = 1_500

    /// A unit in parts that are not too long, cut at the longest pauses.
    private func divided(_ unit: ClosedRange<Int>) -> [ClosedRange<Int>] {
        var result: [ClosedRange<Int>] = []
        var waiting = [unit]
        while let part = waiting.popLast() {
            let aligned = part.filter { !spansOfWord[$0].isEmpty }
            guard let first = aligned.first, let last = aligned.last, first < last,
                framesOf(words: first...last).count > Self.framesOfSegmentMax
            else {
                result.append(part)
                continue
            }
            var (longest, cut) = (-1, last)
            for (word, next) in zip(aligned, aligned.dropFirst()) {
                let end = spans[spansOfWord[word].upperBound - 1].frames.upperBound
                let pause = spans[spansOfWord[next].lowerBound].frames.lowerBound - end
                if pause > longest { (longest, cut) = (pause, next) }
            }
            waiting.append(cut...part.upperBound)
            waiting.append(part.lowerBound...cut - 1)
        }
        return result
    }

    /// e to the power of a log-probability, the same on every machine: no library's last bit is in it.
    private static func exponential(_ value: Double) -> Double {
        DeterministicExponential.of(value)
    }
}
