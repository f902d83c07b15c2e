/// A part of a row that one worker computes of those that share it: the windows whose own frames begin there.
///
/// Counted in windows of the grid from the row's beginning, whatever windows the job has.
package struct RowSpan: Hashable, Sendable {
    /// The window that it begins with, from 0.
    package var firstWindow: Int
    /// The window behind its last one; nil for the last span, which ends with the row, however long
    /// that turns out to be.
    package var endWindow: Int?

    package init(firstWindow: Int, endWindow: Int?) {
        self.firstWindow = firstWindow
        self.endWindow = endWindow
    }

    /// In frames of a model with this clock.
    package func firstFrame(_ clock: FrameClock) -> Int { firstWindow * clock.chunkFrames }

    /// The frame behind its last one; nil for the last span.
    package func endFrame(_ clock: FrameClock) -> Int? {
        endWindow.map { $0 * clock.chunkFrames }
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
    /// Windows depend on the samples alone, of the grid and around speech, and greedy decoding takes a few
    /// bytes of each frame. A beam search goes on from frame to frame, and sums over all frames or samples,
    /// which features are and calibrations go by, are not the same when they are added in another order.
    package var canShareRows: Bool {
        chunking != .off && decoder == .greedy && channels != .each && alignment == nil
            && !hasFeatures && !isCalibrated && hotwordsField == nil && logitsDirectory == nil
            && logitsSource == nil && !runsCommands && allowedSources.isEmpty
    }
}
