internal import AudioFormats
internal import AudioInput
internal import AudioPlaces
internal import Digests
internal import Manifests
internal import RowSpans
internal import SpeechBoundaries
internal import SpeechTypes
internal import VoiceActivity
internal import WindowCutting

/// Rows that several workers share.
extension AudioDecodeLoop {
    /// Computes the windows of a span.
    func decode(_ span: RowSpan, of row: ManifestRow, _ task: RowTask, on thread: WatchedThread) {
        let speech: RowSpeech?
        do throws(RowSpeech.Fault) {
            speech = try self.speech(of: row)
        } catch {
            return emit(.failed(unusable(error, task)))
        }
        let assembly = RowAssembly(
            ordinal: task.ordinal, row: row, recipe: recipe, text: nil, speech: speech, span: span,
            emit: emit)
        thread.begin { assembly.fail(.source, .quarantinedSource, $0) }
        do throws(AudioError) {
            guard row.hasAudio, GreedyReading.fits(recipe.vocabulary),
                let stream = try stream(
                    of: row, speech, task, before: span.firstFrame(recipe.clock), thread)
            else {
                // Whoever joins the spans finds that this one has nothing, and computes the row whole.
                assembly.begin(lanes: 1)
                return decoding.end(assembly, RowAssembly.Ending(ofSpan: []))
            }
            assembly.begin(lanes: 1)
            var count = 0
            while let next = try stream.next(
                before: span.endFrame(recipe.clock), step: { thread.progress.step() })
            {
                guard next.start >= span.firstFrame(recipe.clock) else { continue }
                var window = next.window
                window.index = count
                count += 1
                guard submit(window, 0, assembly, thread) else { return }
            }
            var ending = RowAssembly.Ending(ofSpan: stream.coverage.windows.suffix(count))
            if span.endWindow == nil, let summary = stream.summary {
                if let excess = stream.excess { return fail(assembly, excess: excess) }
                ending.coverage = [stream.coverage]
                ending.spanEnding = SpanPart.Ending(stream.coverage, summary)
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

    /// The row's audio, read up to some frame; nil if it is not of one lane.
    private func stream(
        of row: ManifestRow, _ speech: RowSpeech?, _ task: RowTask, before frame: Int,
        _ thread: WatchedThread
    ) throws(AudioError) -> SpanStream? {
        if let known = spanStreams.take(task.raw, before: frame) { return known }
        let file = try paths.openRecording(row.audioPath, progress: thread.progress)
        let stream = try open(row.source(at: file.path), file, thread.progress) { wait in
            waitForOthers(on: thread, wait)
        }
        guard stream.laneCount == 1 else { return nil }
        let channel = recipe.channel(ofLane: 0, of: row)
        return SpanStream(stream, recipe.cutter(of: speech, channel: channel))
    }

    /// Makes the record of a row of its spans.
    ///
    /// - Returns: whether they are of one piece; the row is to be computed whole where they are not.
    func join(
        _ pieces: [[UInt8]], of row: ManifestRow, _ task: RowTask, on thread: WatchedThread
    ) -> Bool {
        guard let joined = JoinedSpans(pieces, vocabulary: recipe.vocabulary) else { return false }
        let findsSpeech = recipe.options.chunking == .speech
        let samples = joined.coverage.samples.total
        guard !findsSpeech || joined.frames == recipe.clock.frames(ofSamples: samples) else {
            return false
        }
        let speech: RowSpeech?
        do throws(RowSpeech.Fault) {
            speech = try self.speech(of: row)
        } catch {
            // Whoever computes the row whole tells what is wrong with it.
            return false
        }
        let assembly = RowAssembly(
            ordinal: task.ordinal, row: row, recipe: recipe, text: nil, speech: speech, emit: emit)
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
                    warning: known.warning, audioWarning: known.audioWarning, windowsOfLanes: [],
                    coverage: findsSpeech ? [joined.coverage] : []))
        }
        return true
    }
}

extension SpanPart.Ending {
    fileprivate init(_ coverage: LaneCoverage, _ summary: AudioSummary) {
        self.init(
            windows: coverage.windows.count, samples: coverage.samples,
            decodedSeconds: summary.decodedSeconds,
            audioDigest: summary.digest.bytes, warning: summary.warnings.joined(separator: "; "),
            audioWarning: summary.audioWarning)
    }
}

extension RowAssembly.Ending {
    /// - Parameter windows: frames that each window of the span owns.
    fileprivate init(ofSpan windows: some Collection<Range<Int>>) {
        self.init(
            decodedSeconds: 0, audioDigest: [UInt8](repeating: 0, count: 16),
            windowsOfLanes: [windows.count])
        spanWindows = Array(windows)
    }
}
