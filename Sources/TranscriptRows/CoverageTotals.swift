/// How the seconds of a job's recordings were spent, as its records say: the sums of their `coverage`.
///
/// Records of jobs that do not look for speech have none, and rows without a transcript neither.
package struct CoverageTotals: Hashable, Sendable {
    /// Microseconds, of every channel that has a transcript of its own.
    package private(set) var speech = 0
    package private(set) var silence = 0
    package private(set) var skipped = 0

    /// - Parameters: microseconds, not negative.
    package init(speech: Int = 0, silence: Int = 0, skipped: Int = 0) {
        self.speech = speech
        self.silence = silence
        self.skipped = skipped
    }

    /// The three by the names that they have in records, in their order there.
    package var parts: [(name: String, microseconds: Int)] {
        [("speech", speech), ("silence", silence), ("skipped", skipped)]
    }

    /// Adds what a record says of its seconds; bytes that are no record add nothing.
    ///
    /// - Parameter record: one line, as it stands in an output.
    package mutating func add(_ record: UnsafeRawBufferPointer) {
        var found = CoverageTotals()
        do throws(RecordScanner.Fault) {
            var scanner = RecordScanner(record)
            try scanner.object { key, value throws(RecordScanner.Fault) in
                if key.equals("coverage") {
                    try found.addSeconds(&value)
                } else if key.equals("channels"), value.next == UInt8(ascii: "[") {
                    try value.array { channel throws(RecordScanner.Fault) in
                        guard channel.next == UInt8(ascii: "{") else { return }
                        try channel.object { key, value throws(RecordScanner.Fault) in
                            if key.equals("coverage") { try found.addSeconds(&value) }
                        }
                    }
                }
            }
        } catch {
            return
        }
        add(found)
    }

    /// Adds other totals.
    package mutating func add(_ other: CoverageTotals) {
        speech = Self.sum(speech, other.speech)
        silence = Self.sum(silence, other.silence)
        skipped = Self.sum(skipped, other.skipped)
    }

    /// Adds the object that begins here; another value stays unread.
    private mutating func addSeconds(
        _ value: inout RecordScanner
    ) throws(RecordScanner.Fault) {
        guard value.next == UInt8(ascii: "{") else { return }
        try value.object { key, value throws(RecordScanner.Fault) in
            guard let seconds = try value.time() else { return }
            let microseconds = (seconds.nanoseconds + 500) / 1_000
            if key.equals("speech") { speech = Self.sum(speech, microseconds) }
            if key.equals("silence") { silence = Self.sum(silence, microseconds) }
            if key.equals("skipped") { skipped = Self.sum(skipped, microseconds) }
        }
    }

    /// Three hundred thousand years are as good as more.
    private static func sum(_ left: Int, _ right: Int) -> Int {
        let (sum, isOver) = left.addingReportingOverflow(right)
        return isOver ? .max : sum
    }
}
