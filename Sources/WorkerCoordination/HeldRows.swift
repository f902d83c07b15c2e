package import Digests
package import SpeechTypes

/// A row in the worker's hands.
package struct HeldRow: Sendable {
    package enum Place: Int, CaseIterable, Hashable, Sendable {
        /// In the engine's inbox.
        case inbox
        /// Asked back from the inbox; the answer is on its way.
        case leaving
        case engine
        /// Finished or failed; what says so is in the outbox.
        case outbox
    }

    package var task: RowTask
    package var rowDigest: ShortDigest
    /// What the engine found it to be; nil while it has not looked.
    package var measured: RowLength?
    package var lease: Int
    package var place: Place
    /// Why it leaves, where it does.
    package var leaves = Leaving.dropped

    package init(task: RowTask, rowDigest: ShortDigest, lease: Int, place: Place) {
        self.task = task
        self.rowDigest = rowDigest
        self.lease = lease
        self.place = place
    }

    package enum Leaving: Hashable, Sendable {
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
package struct HeldRows: Sendable {
    private var rows: [Int: HeldRow] = [:]
    private var counts = [Int](repeating: 0, count: HeldRow.Place.allCases.count)

    package init() {}

    package var isEmpty: Bool { rows.isEmpty }

    package subscript(ordinal: Int) -> HeldRow? {
        get { rows[ordinal] }
        set {
            let before = rows[ordinal]?.place
            rows[ordinal] = newValue
            if let before { counts[before.rawValue] -= 1 }
            if let after = newValue?.place { counts[after.rawValue] += 1 }
        }
    }

    package func count(at place: HeldRow.Place) -> Int { counts[place.rawValue] }

    /// In ascending order.
    package func ordinals(at place: HeldRow.Place) -> [Int] {
        guard count(at: place) > 0 else { return [] }
        return rows.filter { $0.value.place == place }.keys.sorted()
    }

    package mutating func remove(_ ordinal: Int) -> HeldRow? {
        defer { self[ordinal] = nil }
        return rows[ordinal]
    }
}
