/// Windows of the grid that one worker computes of a row that several share, counted from the row's
/// beginning.
package struct RowSpan: Hashable, Sendable {
    /// Its first window, from 0.
    package var firstWindow: Int
    /// The window behind its last one; nil for the last span, which ends with the row, however long
    /// that turns out to be.
    package var endWindow: Int?

    package init(firstWindow: Int, endWindow: Int?) {
        self.firstWindow = firstWindow
        self.endWindow = endWindow
    }

    package func contains(_ window: Int) -> Bool {
        window >= firstWindow && endWindow.map { window < $0 } ?? true
    }
}

/// What a worker is given of a row that several workers share.
///
/// The engine that made a span's bytes is the only one that knows what they mean.
package enum RowPart: Hashable, Sendable {
    /// To compute these windows; in place of a record the row ends with the bytes that stand for them.
    case span(RowSpan)
    /// To make the row's record of its spans' bytes, in their order.
    ///
    /// Where they are not of one piece the row is computed whole: they save time and decide nothing.
    case join([[UInt8]])
}

extension RecognitionOptions {
    /// Whether several workers may share a row of such a job.
    ///
    /// Windows of the grid depend on their place alone, and greedy decoding takes a few bytes of each frame.
    /// A beam search goes on from frame to frame, speech is found from the beginning, and sums over all
    /// frames or samples, which features are and calibrations go by, are not the same when they are added in
    /// another order.
    package var canShareRows: Bool {
        chunking == .grid && decoder == .greedy && channels != .each && alignment == nil
            && !hasFeatures && !isCalibrated && hotwordsField == nil && logitsDirectory == nil
            && logitsSource == nil && !runsCommands && allowedSources.isEmpty
    }
}
