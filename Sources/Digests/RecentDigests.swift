internal import Synchronization

/// Names of the rows that were handed out last: what comes back of a row is held against its name, and
/// reading the row once more for that took a tenth of the coordinator's time.
package final class RecentDigests: Sendable {
    private struct Entry {
        /// One more than the ordinal; 0 where there is none.
        var number: UInt32
        var digest: ShortDigest
    }

    /// A row's place is its ordinal's remainder; who comes later takes it over.
    private let places = Mutex<[Entry]>([])
    private let placeCount: Int

    /// What a thousand workers hold together; 6 MB, taken once a row is named.
    private static let placesMax = 1 << 18

    package init(rowCount: Int) { placeCount = max(1, min(rowCount, Self.placesMax)) }

    package subscript(ordinal: Int) -> ShortDigest? {
        places.withLock { places in
            guard !places.isEmpty else { return nil }
            let entry = places[ordinal % placeCount]
            return entry.number == ordinal + 1 ? entry.digest : nil
        }
    }

    package func add(_ digest: ShortDigest, of ordinal: Int) {
        // Jobs have at most 50 million rows.
        let entry = Entry(number: UInt32(ordinal + 1), digest: digest)
        places.withLock { places in
            if places.isEmpty {
                let none = Entry(number: 0, digest: digest)
                places = Array(repeating: none, count: placeCount)
            }
            places[ordinal % placeCount] = entry
        }
    }
}
