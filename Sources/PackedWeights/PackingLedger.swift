/// What a network computes with, piece by piece: made of a checkpoint's weights once, or found ready.
///
/// The parts of a network ask for their pieces in an order that the model's configuration fixes. A ledger that
/// records keeps what they make; one that reads gives the pieces of a record in the same order. A piece that is not
/// of the size that is asked for ends the reading: it and all others are made, and ``isComplete`` is false.
// Unchecked: used by the one thread that makes a network.
package final class PackingLedger: @unchecked Sendable {
    private enum Source {
        /// Every piece is made, and nobody wants it again.
        case none
        case recording
        case reading([PackedPiece])
    }

    private let source: Source
    private var next = 0
    private var isAstray = false
    /// What was made while recording, in order.
    package private(set) var recorded: [PackedPiece] = []
    /// Bytes of all pieces so far.
    package private(set) var byteCount = 0

    private init(_ source: Source) { self.source = source }

    /// A ledger that keeps nothing.
    package convenience init() { self.init(.none) }

    /// A ledger that keeps what is made.
    package static func recording() -> PackingLedger { PackingLedger(.recording) }

    /// A ledger of pieces that were recorded.
    package convenience init(reading pieces: [PackedPiece]) { self.init(.reading(pieces)) }

    /// Whether pieces are kept beyond this process, so that what is needed only later is better made now.
    package var isKept: Bool { if case .none = source { false } else { true } }

    /// Whether every piece of the record was asked for, each with its size.
    package var isComplete: Bool {
        guard case .reading(let pieces) = source else { return true }
        return !isAstray && next == pieces.count
    }

    /// The next piece, of so many bytes; nil where it has to be made.
    package func take(byteCount count: Int) -> PackedPiece? {
        guard case .reading(let pieces) = source, !isAstray else { return nil }
        guard next < pieces.count, pieces[next].bytes.count == count else {
            isAstray = true
            return nil
        }
        defer { next += 1 }
        byteCount += count
        return pieces[next]
    }

    /// Takes note of a piece that was made, as ``take(byteCount:)`` had none.
    package func add(_ piece: PackedPiece) {
        byteCount += piece.bytes.count
        if case .recording = source { recorded.append(piece) }
    }
}
