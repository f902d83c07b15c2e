/// Cuts what is said in a recording into subtitles.
///
/// Of all ways to part an utterance, the one with the least cost is taken: cuts cost little where a
/// sentence ends or the speaker pauses, and much between two words that were said without a pause.
package struct CueBuilder: Sendable {
    private let options: SubtitleOptions

    /// - Precondition: the options have no ``SubtitleOptions/problem``.
    package init(_ options: SubtitleOptions = SubtitleOptions()) {
        precondition(options.problem == nil, "options that cannot be kept")
        self.options = options
    }

    /// Whether an utterance without word times is one subtitle as it is.
    package func fitsOneCue(_ utterance: Utterance) -> Bool {
        let length = utterance.endMilliseconds - utterance.startMilliseconds
        guard length <= options.millisecondsMax else { return false }
        return LineLayout.best(of: CuePiece.pieces(of: utterance)[...], options) != nil
    }

    /// The subtitles of a recording: in order of time, none over another.
    ///
    /// - Parameter utterances: in the order of their starts; those without text give none.
    package func cues(of utterances: [Utterance]) -> [Cue] {
        var cues: [Cue] = []
        for (index, utterance) in utterances.enumerated() {
            cues += self.cues(of: utterance, index)
        }
        // Stable, since equal times keep the order of the utterances.
        let order = cues.indices.sorted {
            (cues[$0].startMilliseconds, $0) < (cues[$1].startMilliseconds, $1)
        }
        cues = order.map { cues[$0] }
        partOverlaps(&cues)
        lengthen(&cues)
        return cues
    }

    private func cues(of utterance: Utterance, _ number: Int) -> [Cue] {
        let pieces = CuePiece.pieces(of: utterance)
        guard !pieces.isEmpty else { return [] }
        var cues = cuts(of: pieces).map { range, layout in
            let slice = pieces[range]
            let start = max(0, slice[range.lowerBound].startMilliseconds)
            let end = slice[range.upperBound - 1].endMilliseconds
            return Cue(
                startMilliseconds: start,
                endMilliseconds: max(start + 1, min(end, start + options.millisecondsMax)),
                lines: Direction.marked(LineLayout.lines(slice, layout.starts)), utterance: number)
        }
        reachEdges(of: utterance, &cues)
        return cues
    }

    /// The row's own edges, where speech begins and ends close to them.
    private func reachEdges(of utterance: Utterance, _ cues: inout [Cue]) {
        let last = cues.count - 1
        let lead = cues[0].startMilliseconds - utterance.startMilliseconds
        if lead > 0, lead < options.gapMilliseconds {
            cues[0].startMilliseconds = max(
                utterance.startMilliseconds, cues[0].endMilliseconds - options.millisecondsMax)
        }
        let tail = utterance.endMilliseconds - cues[last].endMilliseconds
        if tail > 0, tail < options.gapMilliseconds {
            cues[last].endMilliseconds = min(
                utterance.endMilliseconds,
                cues[last].startMilliseconds + options.millisecondsMax)
        }
    }

    // MARK: Cuts

    /// Parts the pieces with the least cost.
    private func cuts(of pieces: [CuePiece]) -> [(Range<Int>, LineLayout)] {
        struct Step {
            var cost: Int
            var start: Int
            var layout: LineLayout
        }
        var steps: [Step?] = [nil]
        for end in 1...pieces.count {
            var best: Step?
            var start = end - 1
            var columns = 0
            while start >= 0 {
                columns += pieces[start].columns
                let isSingle = start == end - 1
                if !isSingle {
                    let next = pieces[start + 1]
                    if next.startMilliseconds - pieces[start].endMilliseconds
                        >= options.gapMilliseconds
                    {
                        break
                    }
                    let length = pieces[end - 1].endMilliseconds - pieces[start].startMilliseconds
                    if length > options.millisecondsMax { break }
                    if columns > options.columnsMax * options.linesMax { break }
                }
                if let layout = LineLayout.best(of: pieces[start..<end], options) {
                    let before = start == 0 ? 0 : steps[start]?.cost ?? .max / 2
                    let cost =
                        before + layout.cost + self.cost(of: start..<end, pieces)
                    if cost < best?.cost ?? .max {
                        best = Step(cost: cost, start: start, layout: layout)
                    }
                }
                start -= 1
            }
            steps.append(best)
        }
        var cuts: [(Range<Int>, LineLayout)] = []
        var end = pieces.count
        while end > 0, let step = steps[end] {
            cuts.append((step.start..<end, step.layout))
            end = step.start
        }
        return cuts.reversed()
    }

    private func cost(of range: Range<Int>, _ pieces: [CuePiece]) -> Int {
        // Each subtitle costs something, so that there are no more than it takes.
        var cost = 20
        let end = range.upperBound
        let start = pieces[range.lowerBound].startMilliseconds
        let next = end < pieces.count ? pieces[end].startMilliseconds : Int.max
        if next - start < options.millisecondsMin { cost += 200 }
        guard end < pieces.count else { return cost }
        let last = pieces[end - 1]
        let pause = pieces[end].startMilliseconds - last.endMilliseconds
        if !last.endsSentence {
            let most = last.endsClause ? 8 : 30
            let share = max(0, options.pauseMilliseconds - max(0, pause))
            cost += most * share / max(1, options.pauseMilliseconds)
        }
        if !pieces[end].hasSpaceBefore { cost += 6 }
        return cost
    }

    // MARK: Times

    /// Of two subtitles at one time, the first ends where the second begins.
    private func partOverlaps(_ cues: inout [Cue]) {
        for index in cues.indices.dropLast()
        where cues[index].endMilliseconds > cues[index + 1].startMilliseconds {
            let start = cues[index].startMilliseconds
            let nextStart = cues[index + 1].startMilliseconds
            var end = cues[index + 1].endMilliseconds
            if end - start < 2 * options.millisecondsMin {
                end = max(end, cues[index].endMilliseconds, start + 2)
            }
            let least = min(options.millisecondsMin, (end - start) / 2)
            let middle = min(max(nextStart, start + least), end - least)
            cues[index].endMilliseconds = middle
            cues[index + 1].startMilliseconds = middle
            cues[index + 1].endMilliseconds = min(
                max(end, middle + 1), middle + options.millisecondsMax)
        }
    }

    /// Gives subtitles that are too short the time that is free behind and before them.
    private func lengthen(_ cues: inout [Cue]) {
        for index in cues.indices {
            let cue = cues[index]
            let least = options.millisecondsMin
            guard cue.endMilliseconds - cue.startMilliseconds < least else { continue }
            let next = index + 1 < cues.count ? cues[index + 1].startMilliseconds : Int.max
            cues[index].endMilliseconds = min(cue.startMilliseconds + least, next)
            let previous = index > 0 ? cues[index - 1].endMilliseconds : 0
            cues[index].startMilliseconds = min(
                cue.startMilliseconds, max(previous, cues[index].endMilliseconds - least))
        }
    }
}
