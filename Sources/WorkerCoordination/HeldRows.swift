internal import Digests
internal import SpeechTypes

/// A row in the worker's hands.
struct HeldRow: Sendable {
    enum Place: Int, CaseIterable, Hashable, Sendable {
        /// In the engine's inbox.
        case inbox
        /// Asked back from the inbox; the answer is on its way.
        case leaving
        case engine
        /// Finished or failed; what says so is in the outbox.
        case outbox
    }

    var task: RowTask
    var rowDigest: ShortDigest
    /// What the engine found it to be; nil while it has not looked.
    var measured: RowLength?
    var lease: Int
    var place: Place
    /// Why it leaves, where it does.
    var leaves = Leaving.dropped

    enum Leaving: Hashable, Sendable {
        /// Its lease is not ours any more, or the worker ends.
        case dropped
        /// The coordinator wants it back.
        case revoked
        /// It is recorded elsewhere.
        case dismissed
    }
}

/// The rows in the worker's hands by ordinal, counted by where they are: that is asked at each row's
/// end.
struct HeldRows: Sendable {
    private var rows: [Int: HeldRow] = [:]
    private var counts = [Int](repeating: 0, count: HeldRow.Place.allCases.count)

    var isEmpty: Bool { rows.isEmpty }

    subscript(ordinal: Int) -> HeldRow? {
        get { rows[ordinal] }
        set {
            let before = rows[ordinal]?.place
            rows[ordinal] = newValue
            if let before { counts[before.rawValue] -= 1 }
            if let after = newValue?.place { counts[after.rawValue] += 1 }
        }
    }

    func count(at place: HeldRow.Place) -> Int { counts[place.rawValue] }

    /// In ascending order.
    func ordinals(at place: HeldRow.Place) -> [Int] {
        guard count(at: place) > 0 else { return [] }
        return rows.filter { $0.value.place == place }.keys.sorted()
    }

    mutating func remove(_ ordinal: Int) -> HeldRow? {
        defer { self[ordinal] = nil }
        return rows[ordinal]
    }
}
