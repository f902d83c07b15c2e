internal import AudioFormats
internal import AudioInput
internal import Digests
internal import Manifests
internal import RowSpans
internal import SpeechTypes
internal import WindowCutting

/// Rows that several workers share.
extension AudioDecodeLoop {
    /// Computes the windows of a span.
    func decode(_ span: RowSpan, of row: ManifestRow, _ task: RowTask, on thread: WatchedThread) {
        let assembly = RowAssembly(
            ordinal: task.ordinal, row: row, recipe: recipe, text: nil, span: span, emit: emit)
        thread.begin { assembly.fail(.source, .quarantinedSource, $0) }
        do throws(AudioError) {
            guard row.hasAudio, GreedyReading.fits(recipe.vocabulary),
                let stream = try stream(of: row, task, before: span.firstWindow, thread)
            else {
                // Whoever joins the spans finds that this one has nothing, and computes the row whole.
                assembly.begin(lanes: 1)
                return decoding.end(assembly, .ofSpan(windows: span.firstWindow))
            }
            assembly.begin(lanes: 1)
            var count = 0
            while stream.nextWindow < span.endWindow ?? .max,
                let window = try stream.next(step: { thread.progress.step() })
            {
                guard span.contains(window.index) else { continue }
                count += 1
                guard submit(window, 0, assembly, thread) else { return }
            }
            var ending = RowAssembly.Ending.ofSpan(windows: span.firstWindow + count)
            if span.endWindow == nil, let summary = stream.summary {
                ending.spanEnding = SpanPart.Ending(
                    windows: stream.nextWindow, summary)
            }
            // A decoder that rows of one recording take turns with must not lie idle.
            if span.endWindow != nil, row.source(at: "").offsetSeconds == 0 {
                spanStreams.give(stream, of: task.raw)
            }
            decoding.end(assembly, ending)
        } catch {
            let detail = error.code == .audioNotFound ? "\(error)" : error.detail
            assembly.fail(error.failureClass, error.code, detail)
        }
    }

    /// The row's audio, read up to some window; nil if it is not of one lane.
    private func stream(
        of row: ManifestRow, _ task: RowTask, before window: Int, _ thread: WatchedThread
    ) throws(AudioError) -> SpanStream? {
        if let known = spanStreams.take(task.raw, before: window) { return known }
        let file = try paths.openRecording(row.audioPath, progress: thread.progress)
        let stream = try open(row.source(at: file.path), file, thread.progress) { wait in
            waitForOthers(on: thread, wait)
        }
        return stream.laneCount == 1 ? SpanStream(stream) : nil
    }

    /// Makes the record of a row of its spans.
    ///
    /// - Returns: whether they are of one piece; the row is to be computed whole where they are not.
    func join(
        _ pieces: [[UInt8]], of row: ManifestRow, _ task: RowTask, on thread: WatchedThread
    ) -> Bool {
        guard let joined = JoinedSpans(pieces, vocabulary: recipe.vocabulary) else { return false }
        let assembly = RowAssembly(ordinal: task.ordinal, row: row, recipe: recipe, emit: emit)
        thread.begin { assembly.fail(.engine, .quarantinedEngine, $0) }
        var hasClaim = false
        keepTimes(of: joined.frames, assembly, thread, &hasClaim)
        let transcript = joined.transcript(vocabulary: recipe.vocabulary) {
            thread.progress.step()
            return !assembly.isOver
        }
        if let transcript {
            let known = joined.ending
            assembly.finish(
                [transcript],
                .init(
                    decodedSeconds: known.decodedSeconds, audioDigest: known.audioDigest,
                    warning: known.warning, audioWarning: known.audioWarning, windowsOfLanes: []))
        }
        return true
    }
}

extension SpanPart.Ending {
    fileprivate init(windows: Int, _ summary: AudioSummary) {
        self.init(
            windows: windows, decodedSeconds: summary.decodedSeconds,
            audioDigest: summary.digest.bytes, warning: summary.warnings.joined(separator: "; "),
            audioWarning: summary.audioWarning)
    }
}

extension RowAssembly.Ending {
    /// - Parameter windows: up to the last one of the span, counted from the row's beginning.
    fileprivate static func ofSpan(windows: Int) -> Self {
        Self(
            decodedSeconds: 0, audioDigest: [UInt8](repeating: 0, count: 16),
            windowsOfLanes: [windows])
    }
}
