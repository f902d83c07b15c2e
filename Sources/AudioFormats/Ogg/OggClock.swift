/// Positions of one stream's pages as seconds.
struct OggClock: Equatable {
    private let rate: Double
    private var start: Int64
    private var last: Int64

    /// - Parameter packet: the stream's first; nil for codecs whose positions are not known here.
    init?(packet: ArraySlice<UInt8>) {
        guard let codec = OggCodec(Array(packet)) else { return nil }
        rate = Double(codec.positionRate)
        start = Int64(codec.preSkip)
        last = start
    }

    /// Seconds from the start of the sound to the last position.
    var seconds: Double { max(0, Double(last) - Double(start)) / rate }

    /// Takes the position of the next page; −1 (no packet ends there) says nothing.
    mutating func advance(to position: Int64) {
        if position > last { last = position }
    }

    /// The sound begins with a page that ends at `position`.
    mutating func restart(at position: Int64) {
        guard position > 0 else { return }
        start = position
        last = position
    }

    func seconds(to position: Int64) -> Double {
        position > last ? (Double(position) - Double(last)) / rate : 0
    }
}
