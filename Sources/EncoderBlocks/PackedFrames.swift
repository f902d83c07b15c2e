package import Tensors

/// Where the frames of several utterances lie, end to end, among the rows of a matrix.
///
/// Each utterance starts at an aligned row; rows between utterances are computed along and ignored.
package struct PackedFrames {
    /// The rows of one utterance.
    package struct Segment {
        package let start: Int
        /// Frames that take part, with the padding frames of a padded batch.
        package let frames: Int
        /// Frames that attention may look at: all but the padding.
        package let validFrames: Int

        package var rows: Range<Int> { start..<start + frames }
        package var validRows: Range<Int> { start..<start + validFrames }
    }

    package let segments: [Segment]
    /// Rows from the first to the last, rounded up to whole tiles.
    package let rows: Int
    package let tiling: RowTiling

    /// - Parameters:
    ///   - lengths: frames and valid frames of each utterance.
    ///   - members: threads that share the computation; no result's bits depend on them.
    package init(
        _ lengths: [(frames: Int, validFrames: Int)], tiling: RowTiling, members: Int = 1
    ) {
        var next = 0
        segments = lengths.map { length in
            let segment = Segment(
                start: next, frames: length.frames, validFrames: length.validFrames)
            next = tiling.aligned(next + length.frames)
            return segment
        }
        rows = tiling.paddedRows(next)
        self.tiling = tiling.sharing(rows, among: members)
    }

    /// The row ranges that linear layers are called with.
    package var tiles: [Range<Int>] { tiling.tiles(covering: rows) }

    /// The same utterances with `factor` frames made one; every group has a valid member.
    package func shortened(by factor: Int) -> PackedFrames {
        PackedFrames(
            segments.map { segment in
                let groups = (segment.frames + factor - 1) / factor
                return (frames: groups, validFrames: groups)
            }, tiling: tiling)
    }

    /// The same utterances with `factor` frames made one; those behind the last whole group are left out.
    package func squeezed(by factor: Int) -> PackedFrames {
        PackedFrames(
            segments.map { (frames: $0.frames / factor, validFrames: $0.frames / factor) },
            tiling: tiling)
    }

    /// Sets all rows to zero that hold no valid frame.
    package func clearUnusedRows(of matrix: TensorView) {
        var next = 0
        for segment in segments {
            matrix.rows(next..<segment.start).clear()
            next = segment.validRows.upperBound
        }
        matrix.rows(next..<matrix.rows).clear()
    }
}
