/// The states of an alignment: a blank, then each letter and a blank after it.
///
/// State 2k + 1 is letter k. A state is entered from itself, from the one before, or, for a letter
/// that differs from the letter before, from that letter. Of equal ways the shortest jump is taken,
/// as torchaudio's `forced_align` does.
struct Trellis {
    private let letters: [Int]
    private let blank: Int
    private let emissions: Emissions
    private let range: Range<Int>
    private let options: ForcedAlignment.Options
    private let states: Int
    /// The column of each state.
    private let columns: [Int32]
    /// 0 where the state before the one before may be left for this one, minus infinity elsewhere.
    private let skipCosts: [Float]
    /// Scores of a frame, two unreachable states in front.
    private var scores: [Float]
    private var next: [Float]

    /// Below every score that a path has.
    private static let unreachable = -Float.infinity
    private static let padding = 2

    init(
        letters: [Int], blank: Int, _ emissions: Emissions, _ range: Range<Int>,
        _ options: ForcedAlignment.Options
    ) {
        self.letters = letters
        self.blank = blank
        self.emissions = emissions
        self.range = range
        self.options = options
        states = 2 * letters.count + 1
        var columns = [Int32](repeating: Int32(blank), count: states)
        var skipCosts = [Float](repeating: Self.unreachable, count: states)
        for (position, letter) in letters.enumerated() {
            columns[2 * position + 1] = Int32(letter)
            if position > 0, letters[position - 1] != letter { skipCosts[2 * position + 1] = 0 }
        }
        self.columns = columns
        self.skipCosts = skipCosts
        scores = [Float](repeating: Self.unreachable, count: states + Self.padding)
        next = scores
    }

    /// - Parameter cellsOfBlock: steps of the way back that are held at a time, a byte each.
    mutating func bestPath(cellsOfBlock: Int) -> ForcedAlignment {
        let count = range.count
        guard count > 0 else { return ForcedAlignment(path: [], scores: []) }
        let block = max(1, min(count, cellsOfBlock / states))
        // Forward, keeping the scores before each block but the last one's steps.
        var checkpoints: [[Float]] = []
        var steps = [UInt8](repeating: 0, count: block * states)
        begin()
        var first = 1
        while first < count {
            let end = min(count, first + block)
            checkpoints.append(scores)
            for frame in first..<end { advance(to: frame, &steps, (frame - first) * states) }
            first = end
        }
        var state = lastState()
        var path = [Int32](repeating: -1, count: count)
        // Backward, a block at a time; the last one's steps are still there.
        var isFresh = true
        var end = count
        while end > 1 {
            let first = 1 + (end - 2) / block * block
            guard let checkpoint = checkpoints.popLast() else { break }
            if !isFresh {
                scores = checkpoint
                for frame in first..<end { advance(to: frame, &steps, (frame - first) * states) }
            }
            isFresh = false
            for frame in (first..<end).reversed() {
                path[frame] = position(of: state)
                state -= Int(steps[(frame - first) * states + state])
            }
            end = first
        }
        path[0] = position(of: state)
        return ForcedAlignment(path: path, scores: pathScores(path))
    }

    private func position(of state: Int) -> Int32 { state % 2 == 1 ? Int32(state / 2) : -1 }

    private func pathScores(_ path: [Int32]) -> [Float] {
        path.enumerated().map { frame, position in
            let column = position < 0 ? blank : letters[Int(position)]
            return emissions.values[(range.lowerBound + frame) * emissions.columns + column]
        }
    }

    /// The scores of the first frame.
    private mutating func begin() {
        for index in scores.indices { scores[index] = Self.unreachable }
        for state in 0..<min(2, states) {
            scores[Self.padding + state] =
                state == 0 && options.hasFreeStart && !letters.isEmpty ? 0 : value(0, state)
        }
    }

    private func value(_ frame: Int, _ state: Int) -> Float {
        emissions.values[(range.lowerBound + frame) * emissions.columns + Int(columns[state])]
    }

    /// From one frame's scores to the next one's, and the step that each state was reached by.
    private mutating func advance(to frame: Int, _ steps: inout [UInt8], _ offset: Int) {
        let remaining = range.count - 1 - frame
        // What is out of reach of the first or of the last state is not computed.
        let low = options.hasFreeEnd ? 0 : max(0, states - 2 - 2 * remaining)
        let high = min(states, 2 * frame + 2)
        let row = (range.lowerBound + frame) * emissions.columns
        let states = states
        let padding = Self.padding
        let unreachable = Self.unreachable
        scores.withUnsafeBufferPointer { scores in
            next.withUnsafeMutableBufferPointer { next in
                steps.withUnsafeMutableBufferPointer { steps in
                    columns.withUnsafeBufferPointer { columns in
                        skipCosts.withUnsafeBufferPointer { skipCosts in
                            emissions.values.withUnsafeBufferPointer { values in
                                var state = low
                                while state < high {
                                    let stay = scores[state &+ 2]
                                    let step = scores[state &+ 1]
                                    let skip = scores[state] + skipCosts[state]
                                    let isStep = step > stay
                                    let two = isStep ? step : stay
                                    let isSkip = skip > two
                                    next[padding &+ state] =
                                        (isSkip ? skip : two)
                                        + values[row &+ Int(columns[state])]
                                    steps[offset &+ state] = isSkip ? 2 : (isStep ? 1 : 0)
                                    state &+= 1
                                }
                                for state in high..<max(high, min(states, high + 2)) {
                                    next[padding + state] = unreachable
                                }
                            }
                        }
                    }
                }
            }
        }
        if options.hasFreeStart, !letters.isEmpty {
            next[padding] = scores[padding]
            steps[offset] = 0
        }
        if options.hasFreeEnd, !letters.isEmpty { freeEnd(frame, &steps, offset) }
        swap(&scores, &next)
        if frame % 256 == 0 { settle() }
    }

    /// Once all letters are there, frames cost nothing.
    private mutating func freeEnd(_ frame: Int, _ steps: inout [UInt8], _ offset: Int) {
        let last = states - 1
        let isStep = scores[Self.padding + last - 1] > scores[Self.padding + last]
        next[Self.padding + last] =
            max(scores[Self.padding + last - 1], scores[Self.padding + last])
        steps[offset + last] = isStep ? 1 : 0
    }

    /// Takes the best score from all, so that single precision is enough for hours.
    private mutating func settle() {
        guard let best = scores.max(), best.isFinite else { return }
        for index in scores.indices { scores[index] -= best }
    }

    private func lastState() -> Int {
        guard states > 1 else { return 0 }
        let last = Self.padding + states - 1
        return scores[last - 1] >= scores[last] ? states - 2 : states - 1
    }
}
