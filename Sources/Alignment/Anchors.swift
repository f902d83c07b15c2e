/// Places where a text and the greedy reading of its audio agree beyond doubt, at which a long
/// alignment is cut into stretches.
///
/// Of sequences of words that occur once in the text and once in the audio, in the stretch at hand, the
/// longest chain in order is taken (patience sorting, as in Cohen's diff), and of the chain the place near
/// the middle that is longest.
struct Anchors {
    /// A part of text and audio that belong together.
    struct Stretch: Hashable {
        var words: Range<Int>
        var frames: Range<Int>
    }

    /// A word of the greedy reading.
    private struct Heard {
        var number: Int
        var frames: Range<Int>
    }

    /// Where text and audio agree.
    private struct Match {
        var word: Int
        var heard: Int
        /// Words that agree from here on.
        var count: Int
    }

    private let frames: Int
    /// Each word of the text as a number; equal words have equal ones.
    private let words: [Int]
    private let lettersOfWord: [Int]
    /// States of the trellis before each word, and all of them at the end.
    private let statesBefore: [Int]
    private let heard: [Heard]
    /// Lengths of the sequences that are looked for, the surest first.
    private let lengths: [Int]
    /// Letters that a single word has to have to be an anchor.
    private static let lettersMin = 5

    init(_ words: [[Int]], blank: Int, delimiter: Int?, _ emissions: Emissions) {
        var numbers: [[Int]: Int] = [:]
        var units = words
        if delimiter == nil {
            lengths = [12, 8, 6]
            // Where nothing separates words, the text is cut anywhere: words are single letters then.
            units = words
        } else {
            lengths = [4, 3, 2, 1]
        }
        self.words = units.map { word in
            let number = numbers[word] ?? numbers.count
            numbers[word] = number
            return number
        }
        lettersOfWord = words.map(\.count)
        var before = [0]
        for word in words { before.append(before[before.count - 1] + 2 * word.count + 5) }
        statesBefore = before
        frames = emissions.frames
        heard = Self.read(emissions, blank: blank, delimiter: delimiter, numbers)
    }

    /// The greedy reading; words that the text does not have get a number of none.
    private static func read(
        _ emissions: Emissions, blank: Int, delimiter: Int?, _ numbers: [[Int]: Int]
    ) -> [Heard] {
        let columns = emissions.columnOfClass
        var heard: [Heard] = []
        var word: [Int] = []
        var range = 0..<0
        func endWord() {
            guard !word.isEmpty else { return }
            heard.append(Heard(number: numbers[word] ?? -1, frames: range))
            word = []
        }
        var previous: Int32 = -1
        for (frame, index) in emissions.best.enumerated() {
            // A class that the text does not use is like no other.
            let column = columns[Int(index)] ?? -1
            defer { previous = index }
            if column == blank { continue }
            if index == previous {
                if !word.isEmpty { range = range.lowerBound..<frame + 1 }
                continue
            }
            if let delimiter, column == delimiter {
                endWord()
                continue
            }
            if delimiter == nil { endWord() }
            range = word.isEmpty ? frame..<frame + 1 : range.lowerBound..<frame + 1
            word.append(column)
        }
        endWord()
        return heard
    }

    /// The whole, in stretches of at most `cellsMax` frames times states where that can be had.
    func stretches(cellsMax: Int) -> [Stretch] {
        var result: [Stretch] = []
        // Later stretches are at the end of the list, so that depth costs no stack.
        var waiting = [Stretch(words: 0..<words.count, frames: 0..<frames)]
        while let stretch = waiting.popLast() {
            guard cells(stretch) > cellsMax, let (first, second) = divided(stretch) else {
                result.append(stretch)
                continue
            }
            waiting.append(second)
            waiting.append(first)
        }
        return result
    }

    private func cells(_ stretch: Stretch) -> Int {
        let states = statesBefore[stretch.words.upperBound] - statesBefore[stretch.words.lowerBound]
        let (cells, overflow) = states.multipliedReportingOverflow(by: stretch.frames.count)
        return overflow ? .max : cells
    }

    /// Cuts at the surest place near the middle; nil where there is none.
    private func divided(_ stretch: Stretch) -> (Stretch, Stretch)? {
        let low = lowerBound { $0.frames.lowerBound >= stretch.frames.lowerBound }
        let high = lowerBound { $0.frames.upperBound > stretch.frames.upperBound }
        guard low < high else { return nil }
        for length in lengths {
            let chain = chain(
                matches(of: length, stretch.words, low..<high), stretch.words, low..<high)
            for match in chain.sorted(by: { rank($0, stretch) > rank($1, stretch) }) {
                if let cut = cut(stretch, at: match) { return cut }
            }
        }
        return nil
    }

    private func lowerBound(_ isAtOrAfter: (Heard) -> Bool) -> Int {
        var (low, high) = (0, heard.count)
        while low < high {
            let middle = (low + high) / 2
            if isAtOrAfter(heard[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// Long agreement is worth more than the middle; beyond twelve words it is not.
    private func rank(_ match: Match, _ stretch: Stretch) -> Double {
        let frame = heard[match.heard].frames.lowerBound - stretch.frames.lowerBound
        let place = Double(frame) / Double(stretch.frames.count)
        return Double(min(match.count, 12)) - 24 * abs(place - 0.5)
    }

    private func cut(_ stretch: Stretch, at match: Match) -> (Stretch, Stretch)? {
        let half = match.count / 2
        let word = match.word + half
        let index = match.heard + half
        let begin = heard[index].frames.lowerBound
        let before = index > 0 ? heard[index - 1].frames.upperBound : stretch.frames.lowerBound
        let frame = max(stretch.frames.lowerBound, (before + begin) / 2)
        let isInside =
            frame > stretch.frames.lowerBound && frame < stretch.frames.upperBound
            && (word > stretch.words.lowerBound || match.count == 1)
            && word < stretch.words.upperBound
        guard isInside else { return nil }
        return (
            Stretch(
                words: stretch.words.lowerBound..<word, frames: stretch.frames.lowerBound..<frame),
            Stretch(
                words: word..<stretch.words.upperBound, frames: frame..<stretch.frames.upperBound)
        )
    }

    /// Sequences of `length` words that occur once in the text and once in the audio.
    private func matches(
        of length: Int, _ wordRange: Range<Int>, _ heardRange: Range<Int>
    ) -> [Match] {
        guard wordRange.count >= length, heardRange.count >= length else { return [] }
        var places: [[Int]: (word: Int?, heard: Int?)] = [:]
        for word in wordRange.lowerBound...(wordRange.upperBound - length) {
            if length == 1, lettersOfWord[word] < Self.lettersMin { continue }
            let key = Array(words[word..<word + length])
            places[key] = places[key] == nil ? (word, nil) : (nil, nil)
        }
        for index in heardRange.lowerBound...(heardRange.upperBound - length) {
            let key = heard[index..<index + length].map(\.number)
            guard let place = places[key], place.word != nil else { continue }
            places[key] = place.heard == nil ? (place.word, index) : (nil, nil)
        }
        return places.values.compactMap { place in
            guard let word = place.word, let index = place.heard else { return nil }
            return Match(word: word, heard: index, count: length)
        }.sorted { $0.word < $1.word }
    }

    /// The longest chain of matches that rise in both, each extended over all words that agree.
    private func chain(
        _ matches: [Match], _ wordRange: Range<Int>, _ heardRange: Range<Int>
    ) -> [Match] {
        var tails: [Int] = []
        var previous = [Int](repeating: -1, count: matches.count)
        for index in matches.indices {
            var (low, high) = (0, tails.count)
            while low < high {
                let middle = (low + high) / 2
                if matches[tails[middle]].heard < matches[index].heard {
                    low = middle + 1
                } else {
                    high = middle
                }
            }
            if low > 0 { previous[index] = tails[low - 1] }
            if low == tails.count { tails.append(index) } else { tails[low] = index }
        }
        var chain: [Match] = []
        var index = tails.last ?? -1
        while index >= 0 {
            chain.append(matches[index])
            index = previous[index]
        }
        return chain.reversed().map { extended($0, wordRange, heardRange) }
    }

    private func extended(
        _ match: Match, _ wordRange: Range<Int>, _ heardRange: Range<Int>
    ) -> Match {
        var match = match
        // Twelve words say as much as a hundred do.
        while match.count < 24, match.word > wordRange.lowerBound,
            match.heard > heardRange.lowerBound,
            words[match.word - 1] == heard[match.heard - 1].number
        {
            match.word -= 1
            match.heard -= 1
            match.count += 1
        }
        while match.count < 48, match.word + match.count < wordRange.upperBound,
            match.heard + match.count < heardRange.upperBound,
            words[match.word + match.count] == heard[match.heard + match.count].number
        {
            match.count += 1
        }
        return match
    }
}
