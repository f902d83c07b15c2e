/// What is kept in memory of each row: 24 bytes.
struct TableRow: Sendable {
    /// Of the speaker or recording.
    var group: UInt64 = 0
    var milliseconds: UInt32 = 0
    /// Of a row that is left out, what it was left out for; of one that is kept, its level in dBFS.
    var value: Float = .nan
    /// Doubt in 65,536 steps, 0 the surest.
    var rank: UInt16 = 0
    var words: UInt16 = 0
    /// 0 for a row that is kept.
    var reason: UInt8 = 0
    /// Which part of a split it belongs to.
    var part: UInt8 = 0
}

/// What else is kept of each row, where something is asked for that needs it.
struct RowKeys: Sendable {
    /// Where folders have a cap.
    var folders: RowTable<UInt64>?
    /// Where near-duplicates of text are looked for.
    var signatures: RowTable<[UInt32]>?
    /// Where the same recordings are looked for; empty for rows that have a reason already.
    var fingerprints: RowTable<[UInt32]>?
}

/// Rows in pieces, so that growing never copies what is there.
struct RowTable<Element: Sendable>: Sendable {
    private var pieces: [[Element]] = []
    private(set) var count = 0

    private static var pieceBits: Int { 16 }
    private static var pieceCount: Int { 1 << pieceBits }

    mutating func append(_ row: Element) {
        if count & (Self.pieceCount - 1) == 0 {
            var piece: [Element] = []
            piece.reserveCapacity(Self.pieceCount)
            pieces.append(piece)
        }
        pieces[pieces.count - 1].append(row)
        count += 1
    }

    subscript(index: Int) -> Element {
        get { pieces[index >> Self.pieceBits][index & (Self.pieceCount - 1)] }
        set { pieces[index >> Self.pieceBits][index & (Self.pieceCount - 1)] = newValue }
    }
}
