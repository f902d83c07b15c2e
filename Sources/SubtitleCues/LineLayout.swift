/// How the pieces of one subtitle are laid out in lines.
struct LineLayout {
    /// The first piece of each line.
    var starts: [Int]
    /// Less is better.
    var cost: Int

    /// The best layout of `pieces`; nil if there are more than fit.
    static func best(of pieces: ArraySlice<CuePiece>, _ options: SubtitleOptions) -> LineLayout? {
        let total = columns(of: pieces)
        var best: LineLayout?
        if fits(total, pieces.count, options) {
            best = LineLayout(
                starts: [pieces.startIndex],
                cost: excess(total, options) * costOfExcess)
        }
        if options.linesMax >= 2, total > options.columnsPreferred {
            var left = 0
            for index in pieces.indices.dropLast() {
                left += pieces[index].columns
                if index > pieces.startIndex, pieces[index].hasSpaceBefore { left += 1 }
                let second = pieces[index + 1]
                let right = total - left - (second.hasSpaceBefore ? 1 : 0)
                guard fits(left, index - pieces.startIndex + 1, options),
                    fits(right, pieces.endIndex - index - 1, options)
                else { continue }
                var cost =
                    costOfSecondLine
                    + (excess(left, options) + excess(right, options)) * costOfExcess
                    + abs(left - right) / 2
                if pieces[index].endsSentence || pieces[index].endsClause { cost -= 6 }
                if !second.hasSpaceBefore { cost += 4 }
                if cost < best?.cost ?? .max {
                    best = LineLayout(starts: [pieces.startIndex, index + 1], cost: cost)
                }
            }
        }
        return best ?? (options.linesMax > 2 ? filled(pieces, options) : nil)
    }

    /// The lines' texts.
    static func lines(_ pieces: ArraySlice<CuePiece>, _ starts: [Int]) -> [String] {
        zip(starts, starts.dropFirst() + [pieces.endIndex]).map { start, end in
            var line = ""
            for index in start..<end {
                if index > start, pieces[index].hasSpaceBefore { line += " " }
                line += pieces[index].text
            }
            return line
        }
    }

    private static let costOfExcess = 6
    private static let costOfSecondLine = 8

    static func columns(of pieces: ArraySlice<CuePiece>) -> Int {
        var columns = 0
        for index in pieces.indices {
            columns += pieces[index].columns
            if index > pieces.startIndex, pieces[index].hasSpaceBefore { columns += 1 }
        }
        return columns
    }

    /// A piece that is longer than a line has one for itself.
    private static func fits(_ columns: Int, _ count: Int, _ options: SubtitleOptions) -> Bool {
        columns <= options.columnsMax || count == 1
    }

    private static func excess(_ columns: Int, _ options: SubtitleOptions) -> Int {
        max(0, min(columns, options.columnsMax) - options.columnsPreferred)
    }

    /// Three lines and more: each takes what fits.
    private static func filled(
        _ pieces: ArraySlice<CuePiece>, _ options: SubtitleOptions
    ) -> LineLayout? {
        var starts = [pieces.startIndex]
        var columns = 0
        for index in pieces.indices {
            let piece = pieces[index]
            let added = piece.columns + (piece.hasSpaceBefore ? 1 : 0)
            if index == starts[starts.count - 1] {
                columns = piece.columns
            } else if columns + added <= options.columnsMax {
                columns += added
            } else {
                starts.append(index)
                columns = piece.columns
            }
        }
        guard starts.count <= options.linesMax else { return nil }
        return LineLayout(starts: starts, cost: costOfSecondLine * starts.count)
    }
}
