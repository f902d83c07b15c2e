/// The least and the greatest sample of each of a limited number of blocks.
///
/// Blocks are of 5 ms at first. A recording of which there would be too many has blocks twice as long, and
/// so on: the memory has a limit, and a picture of a day has finer blocks than it has points.
package struct PeakCurve: Hashable, Sendable {
    private struct Block: Hashable {
        /// 1 for full scale.
        var low: Float
        var high: Float

        func joined(_ other: Block) -> Block {
            Block(low: min(low, other.low), high: max(high, other.high))
        }
    }

    /// Where the curve begins.
    private let start: Int
    private let blocksMax: Int
    private var samplesPerBlock = 80
    private var blocks: [Block] = []
    /// The block that is being filled.
    private var filling: Block?
    private var filled = 0

    /// - Parameters:
    ///   - start: the sample of the recording that comes first.
    ///   - blocksMax: even.
    package init(from start: Int = 0, blocksMax: Int = 1 << 17) {
        precondition(blocksMax > 0 && blocksMax.isMultiple(of: 2), "blocks are joined in pairs")
        self.start = start
        self.blocksMax = blocksMax
    }

    /// Takes the next samples, 1 being full scale; a decoder lets through none that is no number.
    package mutating func append(_ samples: ArraySlice<Float>) {
        var rest = samples
        while !rest.isEmpty {
            let piece = rest.prefix(samplesPerBlock - filled)
            rest = rest.dropFirst(piece.count)
            var block = filling ?? Block(low: .infinity, high: -.infinity)
            for sample in piece {
                block.low = sample < block.low ? sample : block.low
                block.high = sample > block.high ? sample : block.high
            }
            filling = block
            filled += piece.count
            if filled == samplesPerBlock { endBlock() }
        }
    }

    private mutating func endBlock() {
        if let filling { blocks.append(filling) }
        filling = nil
        filled = 0
        guard blocks.count == blocksMax else { return }
        blocks = stride(from: 0, to: blocksMax, by: 2).map { blocks[$0].joined(blocks[$0 + 1]) }
        samplesPerBlock *= 2
    }

    /// The greatest distance from 0.
    package var loudest: Float {
        (blocks + [filling].compactMap(\.self)).reduce(0) { max($0, -$1.low, $1.high) }
    }

    /// The least and the greatest sample of all blocks that reach into `range`; nil where there are none.
    package func extremes(in range: Range<Int>) -> (low: Float, high: Float)? {
        guard !range.isEmpty, range.upperBound > start else { return nil }
        let first = min(max(0, range.lowerBound - start) / samplesPerBlock, blocks.count)
        let end = (range.upperBound - start - 1) / samplesPerBlock + 1
        var found: Block?
        for block in blocks[first..<max(first, min(end, blocks.count))] {
            found = found?.joined(block) ?? block
        }
        if end > blocks.count, range.lowerBound - start < blocks.count * samplesPerBlock + filled,
            let filling
        {
            found = found?.joined(filling) ?? filling
        }
        return found.map { ($0.low, $0.high) }
    }
}
