/// The states of words that may be left out, and of audio that no word is for.
///
/// Before each word, and after the last, is a junction: a blank, the delimiter, a blank after it, and a
/// state that takes any audio. The delimiter may be left out. A word is its letters with blanks between.
/// From every junction, words can be passed over without a frame.
struct LooseTrellis {
    /// How a state was entered.
    private enum Entry: UInt8 {
        case stay, step, skip
        /// From the letter before the junction, or from one of the junction's states.
        case letter, blank, delimiter, lastBlank, extra
        /// From a junction that was reached by passing over words.
        case passing
    }

    /// One junction's states; the word's letters follow.
    private struct Junction {
        /// The state of the junction's first blank; delimiter, second blank and extra follow.
        let first: Int
        /// The last letter of the word before; nil at the beginning.
        let letter: Int?
        /// What it costs to pass over the word before.
        let passing: Double

        var blank: Int { first }
        var delimiter: Int { first + 1 }
        var lastBlank: Int { first + 2 }
        var extra: Int { first + 3 }
        static let stateCount = 4
    }

    private let words: [[Int]]
    private let emissions: Emissions
    private let frames: Range<Int>
    private let costs: LooseCosts
    private let hasDelimiter: Bool
    private let junctions: [Junction]
    /// The column of each state; -1 for audio without text.
    private let columns: [Int32]
    let stateCount: Int

    private var scores: [Double]
    private var next: [Double]
    /// The best way to stand at each junction, and the best that passes over the word before it.
    private var standing: [Double]
    private var passing: [Double]

    private static let unreachable = -Double.infinity
    /// Steps that are held at a time, a byte each.
    private static let cellsOfBlock = 1 << 24

    init(
        _ words: [[Int]], blank: Int, delimiter: Int?, _ emissions: Emissions, _ frames: Range<Int>,
        _ costs: LooseCosts
    ) {
        self.words = words
        self.emissions = emissions
        self.frames = frames
        self.costs = costs
        hasDelimiter = delimiter != nil
        var junctions: [Junction] = []
        var columns: [Int32] = []
        var letter: Int?
        var passing = Self.unreachable
        for index in 0...words.count {
            junctions.append(Junction(first: columns.count, letter: letter, passing: passing))
            columns += [Int32(blank), Int32(delimiter ?? blank), Int32(blank), -1]
            guard index < words.count else { break }
            for (position, column) in words[index].enumerated() {
                if position > 0 { columns.append(Int32(blank)) }
                columns.append(Int32(column))
            }
            letter = columns.count - 1
            passing = costs.missingLetter * Double(words[index].count)
        }
        self.junctions = junctions
        self.columns = columns
        stateCount = columns.count
        scores = [Double](repeating: Self.unreachable, count: columns.count)
        next = scores
        standing = [Double](repeating: Self.unreachable, count: junctions.count)
        self.passing = standing
    }

    /// Bytes of the way back that one frame takes: an entry for each state, and two for each junction.
    private var stepsOfFrame: Int { stateCount + 2 * junctions.count }

    mutating func bestPath() -> LooseAlignment {
        let count = frames.count
        let block = max(1, min(max(1, count), Self.cellsOfBlock / stepsOfFrame))
        var steps = [UInt8](repeating: 0, count: block * stepsOfFrame)
        // The junctions before the first frame: only the words in front may have been passed over.
        var firstSteps = [UInt8](repeating: 0, count: stepsOfFrame)
        standing[0] = 0
        passOver(&firstSteps, 0)
        var checkpoints: [(scores: [Double], standing: [Double], passing: [Double])] = []
        var first = 0
        while first < count {
            checkpoints.append((scores, standing, passing))
            let end = min(count, first + block)
            for frame in first..<end { advance(to: frame, &steps, (frame - first) * stepsOfFrame) }
            first = end
        }
        var result = LooseAlignment(path: [LooseAlignment.Frame](repeating: .blank, count: count))
        // At the end all words are behind.
        var place = Place.junction(
            junctions.count - 1,
            passed: passing[junctions.count - 1] > standing[junctions.count - 1])
        var isFresh = true
        var end = count
        while end > 0 {
            let first = (end - 1) / block * block
            guard let checkpoint = checkpoints.popLast() else { break }
            if !isFresh {
                (scores, standing, passing) = checkpoint
                for frame in first..<end {
                    advance(to: frame, &steps, (frame - first) * stepsOfFrame)
                }
            }
            isFresh = false
            for frame in (first..<end).reversed() {
                let offset = (frame - first) * stepsOfFrame
                let state = leave(place, steps, offset, &result)
                result.path[frame] = kind(of: state)
                place = self.place(before: state, steps[offset + state])
            }
            end = first
        }
        if case .junction(let index, let passed) = place, passed {
            _ = walkBack(from: index, firstSteps, 0, &result)
        }
        result.missing.sort()
        return result
    }

    /// Where a path is between two frames.
    private enum Place {
        case state(Int)
        case junction(Int, passed: Bool)
    }

    /// The state of the earlier frame that a path was in, from where it is after that frame.
    private func leave(
        _ place: Place, _ steps: [UInt8], _ offset: Int, _ result: inout LooseAlignment
    ) -> Int {
        guard case .junction(var index, let passed) = place else {
            if case .state(let state) = place { return state }
            preconditionFailure("a place is a state or a junction")
        }
        if passed { index = walkBack(from: index, steps, offset, &result) }
        let junction = junctions[index]
        switch Entry(rawValue: steps[offset + stateCount + 2 * index]) {
        case .letter?: return junction.letter ?? junction.blank
        case .delimiter?: return junction.delimiter
        case .lastBlank?: return junction.lastBlank
        case .extra?: return junction.extra
        default: return junction.blank
        }
    }

    /// Passes over words backwards, to the junction where the passing began.
    private func walkBack(
        from start: Int, _ steps: [UInt8], _ offset: Int, _ result: inout LooseAlignment
    ) -> Int {
        var index = start
        while index > 0 {
            result.missing.append(index - 1)
            let goesOn =
                steps[offset + stateCount + 2 * index + 1] == Entry.passing.rawValue
            index -= 1
            if !goesOn { break }
        }
        return index
    }

    private func place(before state: Int, _ step: UInt8) -> Place {
        let entry = Entry(rawValue: step) ?? .stay
        switch entry {
        case .stay: return .state(state)
        case .step: return .state(state - 1)
        case .skip: return .state(state - 2)
        default: break
        }
        let index = junctionIndex(of: state)
        let junction = junctions[index]
        switch entry {
        case .letter: return .state(junction.letter ?? junction.blank)
        case .blank: return .state(junction.blank)
        case .delimiter: return .state(junction.delimiter)
        case .lastBlank: return .state(junction.lastBlank)
        case .extra: return .state(junction.extra)
        default: return .junction(index, passed: true)
        }
    }

    /// The junction that a state belongs to, or follows.
    private func junctionIndex(of state: Int) -> Int {
        var (low, high) = (0, junctions.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if junctions[middle].first <= state { low = middle } else { high = middle }
        }
        return low
    }

    private func kind(of state: Int) -> LooseAlignment.Frame {
        let index = junctionIndex(of: state)
        let place = state - junctions[index].first
        switch place {
        case 0, 2: return .blank
        case 1: return hasDelimiter ? .delimiter : .blank
        case 3: return .extra
        default:
            let inWord = place - Junction.stateCount
            return inWord % 2 == 0 ? .letter(word: index, position: inWord / 2) : .blank
        }
    }
}

// MARK: Forward

extension LooseTrellis {
    /// From one frame's scores to the next one's.
    private mutating func advance(to frame: Int, _ steps: inout [UInt8], _ offset: Int) {
        let row = (frames.lowerBound + frame) * emissions.columns
        let extraScore = Double(emissions.bestValues[frames.lowerBound + frame]) - costs.extraFrame
        let isFirst = frame == 0
        let columnCount = emissions.columns
        emissions.values.withUnsafeBufferPointer { values in
            let values = UnsafeBufferPointer(rebasing: values[row..<row + columnCount])
            for index in junctions.indices {
                enterJunction(index, isFirst, values, extraScore, &steps, offset)
                if index < words.count { enterWord(index, isFirst, values, &steps, offset) }
            }
        }
        swap(&scores, &next)
        stand(&steps, offset)
        passOver(&steps, offset)
    }

    /// The better of two ways; of equal ones the first.
    @inline(__always)
    private static func take(
        _ score: Double, _ entry: Entry, _ best: inout Double, _ step: inout Entry
    ) {
        if score > best { (best, step) = (score, entry) }
    }

    /// The best way to have come to a junction between two frames: by walking on, or passing over.
    private func arrival(_ index: Int, isFirst: Bool) -> Double {
        isFirst ? max(standing[index], passing[index]) : passing[index]
    }

    @inline(__always)
    private mutating func enterJunction(
        _ index: Int, _ isFirst: Bool, _ values: UnsafeBufferPointer<Float>, _ extraScore: Double,
        _ steps: inout [UInt8], _ offset: Int
    ) {
        let junction = junctions[index]
        let letter = junction.letter.map { scores[$0] } ?? Self.unreachable
        let arrived = arrival(index, isFirst: isFirst)
        let (blank, delimiter) = (scores[junction.blank], scores[junction.delimiter])
        let (lastBlank, extra) = (scores[junction.lastBlank], scores[junction.extra])

        var (best, entry) = (blank, Entry.stay)
        Self.take(letter, .letter, &best, &entry)
        Self.take(extra, .extra, &best, &entry)
        Self.take(arrived, .passing, &best, &entry)
        set(
            junction.blank, best + Double(values[Int(columns[junction.blank])]), entry, &steps,
            offset)

        if hasDelimiter {
            (best, entry) = (delimiter, .stay)
            Self.take(blank, .blank, &best, &entry)
            Self.take(letter, .letter, &best, &entry)
            set(
                junction.delimiter, best + Double(values[Int(columns[junction.delimiter])]), entry,
                &steps, offset)
            (best, entry) = (lastBlank, .stay)
            Self.take(delimiter, .delimiter, &best, &entry)
            set(
                junction.lastBlank, best + Double(values[Int(columns[junction.lastBlank])]), entry,
                &steps, offset)
        }

        (best, entry) = (extra, .stay)
        Self.take(letter - costs.extra, .letter, &best, &entry)
        Self.take(blank - costs.extra, .blank, &best, &entry)
        Self.take(delimiter - costs.extra, .delimiter, &best, &entry)
        Self.take(lastBlank - costs.extra, .lastBlank, &best, &entry)
        Self.take(arrived - costs.extra, .passing, &best, &entry)
        set(junction.extra, best + extraScore, entry, &steps, offset)
    }

    @inline(__always)
    private mutating func enterWord(
        _ index: Int, _ isFirst: Bool, _ values: UnsafeBufferPointer<Float>,
        _ steps: inout [UInt8], _ offset: Int
    ) {
        let junction = junctions[index]
        let first = junction.first + Junction.stateCount
        var (best, entry) = (scores[first], Entry.stay)
        if let letter = junction.letter, columns[letter] != columns[first] {
            Self.take(scores[letter], .letter, &best, &entry)
        }
        Self.take(scores[junction.blank], .blank, &best, &entry)
        if hasDelimiter {
            Self.take(scores[junction.delimiter], .delimiter, &best, &entry)
            Self.take(scores[junction.lastBlank], .lastBlank, &best, &entry)
        }
        Self.take(scores[junction.extra], .extra, &best, &entry)
        Self.take(arrival(index, isFirst: isFirst), .passing, &best, &entry)
        set(first, best + Double(values[Int(columns[first])]), entry, &steps, offset)
        var state = first + 1
        let end = first + 2 * words[index].count - 1
        while state < end {
            (best, entry) = (scores[state], .stay)
            Self.take(scores[state - 1], .step, &best, &entry)
            if (state - first) % 2 == 0, columns[state] != columns[state - 2] {
                Self.take(scores[state - 2], .skip, &best, &entry)
            }
            set(state, best + Double(values[Int(columns[state])]), entry, &steps, offset)
            state += 1
        }
    }

    @inline(__always)
    private mutating func set(
        _ state: Int, _ score: Double, _ entry: Entry, _ steps: inout [UInt8], _ offset: Int
    ) {
        next[state] = score
        steps[offset + state] = entry.rawValue
    }

    /// The best state of each junction after a frame.
    private mutating func stand(_ steps: inout [UInt8], _ offset: Int) {
        for (index, junction) in junctions.enumerated() {
            var (best, entry) = (scores[junction.blank], Entry.blank)
            if let letter = junction.letter {
                Self.take(scores[letter], .letter, &best, &entry)
            }
            if hasDelimiter {
                Self.take(scores[junction.delimiter], .delimiter, &best, &entry)
                Self.take(scores[junction.lastBlank], .lastBlank, &best, &entry)
            }
            Self.take(scores[junction.extra], .extra, &best, &entry)
            standing[index] = best
            steps[offset + stateCount + 2 * index] = entry.rawValue
        }
    }

    /// The best way to each junction that passes over the word before it.
    private mutating func passOver(_ steps: inout [UInt8], _ offset: Int) {
        passing[0] = Self.unreachable
        for index in 1..<max(1, junctions.count) {
            let starts = standing[index - 1] - costs.missing
            let goesOn = passing[index - 1]
            passing[index] = max(starts, goesOn) - junctions[index].passing
            steps[offset + stateCount + 2 * index + 1] =
                goesOn > starts ? Entry.passing.rawValue : Entry.stay.rawValue
        }
    }
}
