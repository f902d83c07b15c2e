/// Finds recordings that are the same as one that came before, by fingerprints: in another codec, at another
/// level or rate, a bit longer or shorter.
///
/// Two recordings are the same if, laid on each other so that some items agree, four fifths of the shorter one
/// lie on the other and at most an eighth of those bits differ. Of one recording in the usual codecs a tenth
/// differs, of different ones a third and more. Single words are much alike, so that less than sixteen items (1.6 s)
/// tell nothing.
struct AudioDuplicates {
    /// Items of all kept recordings, one after another.
    private var items: [UInt32] = []
    /// Where each recording's items start, and where the last ones end.
    private var starts = [0]
    /// By half an item: the last place in ``entries`` that has it, or -1.
    private var heads = [Int32](repeating: -1, count: 2 << 16)
    private var entries: [Entry] = []

    private struct Entry {
        /// Among ``items``.
        var place: UInt32
        /// The one before with the same half; -1 for none.
        var next: Int32
    }

    /// One item of so many is looked up, but of short recordings more.
    private static let spacing = 4
    private static let indexedMin = 16
    private static let itemsMin = 16
    private static let bitsDifferMax = 1.0 / 8
    private static let overlapMin = 0.8
    /// What is heard more often, such as silence, tells nothing.
    private static let entriesMax = 2_000
    private static let placesMax = Int(Int32.max)

    /// Whether the same recording was kept.
    func isRepeated(_ fingerprint: [UInt32]) -> Bool {
        guard fingerprint.count >= Self.itemsMin else { return false }
        var tried: Set<Alignment> = []
        for (position, item) in fingerprint.enumerated() {
            for key in Self.keys(of: item) {
                var entry = heads[key]
                var left = Self.entriesMax
                while entry >= 0, left > 0 {
                    let place = Int(entries[Int(entry)].place)
                    let recording = recording(at: place)
                    let alignment = Alignment(
                        recording: recording, shift: place - starts[recording] - position)
                    if tried.insert(alignment).inserted, isSame(fingerprint, alignment) {
                        return true
                    }
                    entry = entries[Int(entry)].next
                    left -= 1
                }
            }
        }
        return false
    }

    /// Keeps a recording, for what comes later.
    mutating func keep(_ fingerprint: [UInt32]) {
        guard fingerprint.count >= Self.itemsMin, items.count + fingerprint.count < Self.placesMax,
            entries.count < Self.placesMax - 2 * fingerprint.count
        else { return }
        let count = max(Self.indexedMin, fingerprint.count / Self.spacing)
        for number in 0..<count {
            let position = number * fingerprint.count / count
            for key in Self.keys(of: fingerprint[position]) {
                entries.append(
                    Entry(place: UInt32(items.count + position), next: heads[key]))
                heads[key] = Int32(entries.count - 1)
            }
        }
        items += fingerprint
        starts.append(items.count)
    }

    /// Which item of a kept recording another one's first item lies on.
    private struct Alignment: Hashable {
        var recording: Int
        var shift: Int
    }

    private static func keys(of item: UInt32) -> [Int] {
        [Int(item >> 16), (1 << 16) + Int(item & 0xFFFF)]
    }

    /// The recording that has the item at a place.
    private func recording(at place: Int) -> Int {
        var (low, high) = (0, starts.count - 1)
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= place { low = middle } else { high = middle }
        }
        return low
    }

    private func isSame(_ fingerprint: [UInt32], _ alignment: Alignment) -> Bool {
        let start = starts[alignment.recording]
        let count = starts[alignment.recording + 1] - start
        let first = max(0, -alignment.shift)
        let end = min(fingerprint.count, count - alignment.shift)
        let shorter = min(count, fingerprint.count)
        guard end - first >= Self.itemsMin,
            Double(end - first) >= Self.overlapMin * Double(shorter)
        else { return false }
        let bitsMax = Int(Self.bitsDifferMax * 32 * Double(end - first))
        var bits = 0
        for position in first..<end {
            bits +=
                (fingerprint[position] ^ items[start + position + alignment.shift])
                .nonzeroBitCount
            if bits > bitsMax { return false }
        }
        return true
    }
}
