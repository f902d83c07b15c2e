internal import Digests

/// Which line of an output belongs to which row, by the digests of both.
///
/// Lines and rows are walked together. Where they part, the shorter way back is taken: rows left out,
/// or lines put in; a line alone between two that fit stands in for its row.
struct LineAlignment {
    /// The line of each row; nil for rows that have none in their place.
    private(set) var lineOfRow: [Int?]
    /// Rows whose line is not their record.
    private(set) var replaced: [Int] = []
    /// Rows without a line.
    private(set) var missing: [Int] = []
    /// Lines without a row.
    private(set) var extra: [Int] = []

    init(lines: [ShortDigest], rows: [ShortDigest]) {
        lineOfRow = Array(repeating: nil, count: rows.count)
        var places: (lines: DigestPlaces, rows: DigestPlaces)?
        var row = 0
        var line = 0
        while row < rows.count, line < lines.count {
            if lines[line] == rows[row] {
                pair(&row, &line)
                continue
            }
            if Self.fits(lines, line + 1, rows, row + 1) {
                replace(&row, &line)
                continue
            }
            if line + 1 < lines.count, row + 1 < rows.count, lines[line] == rows[row + 1],
                lines[line + 1] == rows[row]
            {
                replace(&row, &line)
                replace(&row, &line)
                continue
            }
            let known = places ?? (DigestPlaces(lines), DigestPlaces(rows))
            places = known
            let nextRow = known.rows.first(of: lines[line], from: row)
            let nextLine = known.lines.first(of: rows[row], from: line)
            switch (nextRow, nextLine) {
            case (let found?, let other) where other.map { found - row <= $0 - line } ?? true:
                missing += row..<found
                row = found
            case (_, let found?):
                extra += line..<found
                line = found
            default:
                replace(&row, &line)
            }
        }
        missing += row..<rows.count
        extra += line..<lines.count
    }

    /// Whether a line is its row's; the ends of both fit too.
    private static func fits(
        _ lines: [ShortDigest], _ line: Int, _ rows: [ShortDigest], _ row: Int
    ) -> Bool {
        guard line < lines.count, row < rows.count else {
            return line == lines.count && row == rows.count
        }
        return lines[line] == rows[row]
    }

    private mutating func pair(_ row: inout Int, _ line: inout Int) {
        lineOfRow[row] = line
        row += 1
        line += 1
    }

    private mutating func replace(_ row: inout Int, _ line: inout Int) {
        replaced.append(row)
        pair(&row, &line)
    }
}

/// Where each digest stands in a list.
struct DigestPlaces {
    private let sorted: [(digest: ShortDigest, place: Int)]

    init(_ digests: [ShortDigest]) {
        sorted = digests.enumerated().map { ($1, $0) }
            .sorted { ($0.digest, $0.place) < ($1.digest, $1.place) }
    }

    /// The first place from `start` on.
    func first(of digest: ShortDigest, from start: Int) -> Int? {
        var low = 0
        var high = sorted.count
        while low < high {
            let middle = (low + high) / 2
            let entry = sorted[middle]
            if (entry.digest, entry.place) < (digest, start) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low < sorted.count && sorted[low].digest == digest ? sorted[low].place : nil
    }
}
