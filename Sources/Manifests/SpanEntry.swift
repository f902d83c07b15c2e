/// A row that begins inside its recording, for bringing the spans of a recording together.
///
/// Two numbers that are sorted by, first the one and then the other; 16 bytes, as they lie in a
/// mapped file.
struct SpanEntry: Comparable {
    /// Names the recording; then, the place of all its spans in the order of work.
    var group: UInt64
    /// Where the span begins, in milliseconds, above the row's ordinal.
    let start: UInt64

    static let byteCount = 16

    /// - Parameter recording: names the recording; two that share a name are only brought together.
    init(recording: UInt64, offsetSeconds: Double, ordinal: Int) {
        group = recording
        let milliseconds = (offsetSeconds * 1_000).rounded()
        start = UInt64(min(milliseconds, Double(UInt32.max))) << 32 | UInt64(ordinal)
    }

    var ordinal: Int { Int(start & 0xFFFF_FFFF) }

    static func < (left: Self, right: Self) -> Bool {
        (left.group, left.start) < (right.group, right.start)
    }

    /// The number that the spans of a recording, or one row, are placed by: the longest first, then
    /// by ordinal.
    static func place(length: UInt32, ordinal: Int) -> UInt64 {
        UInt64(UInt32.max - length) << 32 | UInt64(ordinal)
    }

    /// Sorts by the places of recordings, and within a recording by time.
    ///
    /// - Parameter length: of a row, by its ordinal.
    static func sort(
        _ spans: UnsafeMutableBufferPointer<SpanEntry>, length: (Int) -> UInt32
    ) {
        var spans = spans
        spans.sort()
        var start = 0
        while start < spans.count {
            var end = start
            var longest: UInt32 = 0
            var first = Int.max
            while end < spans.count, spans[end].group == spans[start].group {
                longest = max(longest, length(spans[end].ordinal))
                first = min(first, spans[end].ordinal)
                end += 1
            }
            let place = place(length: longest, ordinal: first)
            for index in start..<end { spans[index].group = place }
            start = end
        }
        spans.sort()
    }
}
