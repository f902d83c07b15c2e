/// Lines of a text on a recording, where whatever stands between the lines is passed over.
///
/// The method of ctc-segmentation: Kürzinger and others, 2020, "CTC-Segmentation of Large Corpora for
/// German End-to-End Speech Recognition". The states are the letters of all lines with a blank before each
/// line. A frame enters the next state, which costs its log-probability, or stays, which costs that of
/// the letter or of the blank, whichever is better. Frames before the first line are free, and those after
/// the frame in which the whole is best. Of equal ways the one that stays is taken.
package struct LineTrellis {
    /// Where the letters are.
    package struct Path: Hashable, Sendable {
        /// The frame in which each letter is entered, line by line.
        package var letters: [[Int]]
        /// The frame in which the blank after each line is entered.
        package var ends: [Int]
        /// The log-probability of each frame; 0 for those that are free.
        package var scores: [Float]
    }

    private let lines: [[Int]]
    private let blank: Int
    private let emissions: Emissions
    /// The column of each state.
    private let columns: [Int]
    private let hasFreeStart: Bool
    private let hasFreeEnd: Bool
    /// Steps that are held at a time, a byte each.
    private static let cellsOfBlock = 1 << 24

    /// - Parameters:
    ///   - lines: columns of `emissions` for each line; none is empty.
    ///   - hasFreeStart: frames before the first line cost nothing, instead of a blank.
    ///   - hasFreeEnd: frames after the last line cost nothing, instead of a blank.
    package init(
        _ lines: [[Int]], blank: Int, in emissions: Emissions, hasFreeStart: Bool = true,
        hasFreeEnd: Bool = true
    ) {
        self.lines = lines
        self.blank = blank
        self.emissions = emissions
        self.hasFreeStart = hasFreeStart
        self.hasFreeEnd = hasFreeEnd
        columns = lines.flatMap { [blank] + $0 } + [blank]
    }

    /// - Throws: ``AlignmentError`` if there are more states than frames, or too many of both.
    package func bestPath() throws(AlignmentError) -> Path {
        let count = emissions.frames
        let states = columns.count
        let letterCount = states - lines.count - 1
        guard states <= count else { throw .textTooLong(frames: count, needed: states) }
        let (cells, overflow) = states.multipliedReportingOverflow(by: count)
        guard !overflow, cells <= ForcedAlignment.cellsMax else {
            throw .tooMuchWork(frames: count, letters: letterCount)
        }
        // Score s + 1 is that of state s; score 0 is that of the frames before the first line.
        var scores = [Double](repeating: -.infinity, count: states + 1)
        scores[0] = 0
        let block = max(1, min(count, Self.cellsOfBlock / states))
        var entered = [Bool](repeating: false, count: block * states)
        var checkpoints: [[Double]] = []
        var best = (score: -Double.infinity, frame: count - 1)
        for first in stride(from: 0, to: count, by: block) {
            checkpoints.append(scores)
            for frame in first..<min(count, first + block) {
                advance(to: frame, &scores, &entered, (frame - first) * states)
                if scores[states] > best.score { best = (scores[states], frame) }
            }
        }
        // Backward, a block at a time.
        var firstFrames = [Int](repeating: 0, count: states)
        var path = [Float](repeating: 0, count: count)
        var state = states - 1
        var frame = hasFreeEnd ? best.frame : count - 1
        var held = checkpoints.count - 1
        while state >= 0, frame >= 0 {
            let index = frame / block
            if index != held {
                scores = checkpoints[index]
                for again in (index * block)..<min(count, (index + 1) * block) {
                    advance(to: again, &scores, &entered, (again - index * block) * states)
                }
                held = index
            }
            let isEntered = entered[(frame - index * block) * states + state]
            path[frame] = value(frame, state, isEntered: isEntered)
            if isEntered {
                firstFrames[state] = frame
                state -= 1
            }
            frame -= 1
        }
        var letters: [[Int]] = []
        var ends: [Int] = []
        var next = 0
        for line in lines {
            letters.append(Array(firstFrames[next + 1...next + line.count]))
            next += line.count + 1
            ends.append(firstFrames[next])
        }
        return Path(letters: letters, ends: ends, scores: path)
    }

    private func value(_ frame: Int, _ state: Int, isEntered: Bool) -> Float {
        let row = frame * emissions.columns
        let own = emissions.values[row + columns[state]]
        return isEntered ? own : max(own, emissions.values[row + blank])
    }

    /// From one frame's scores to the next one's.
    private func advance(
        to frame: Int, _ scores: inout [Double], _ entered: inout [Bool], _ offset: Int
    ) {
        let row = frame * emissions.columns
        let blankValue = emissions.values[row + blank]
        scores.withUnsafeMutableBufferPointer { scores in
            entered.withUnsafeMutableBufferPointer { entered in
                // Downwards, so that each state still sees the earlier frame's score below it.
                for state in (0..<columns.count).reversed() {
                    let own = emissions.values[row + columns[state]]
                    let stay = scores[state + 1] + Double(max(own, blankValue))
                    let enter = scores[state] + Double(own)
                    let isEntered = enter > stay
                    scores[state + 1] = isEntered ? enter : stay
                    entered[offset + state] = isEntered
                }
                if !hasFreeStart { scores[0] += Double(blankValue) }
            }
        }
    }
}
