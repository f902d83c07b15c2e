internal import AudioInput
internal import Digests
internal import Manifests
internal import SpeechTypes

/// What a decode thread does: rows to windows of samples, until no more rows come.
struct DecodeLoop: Sendable {
    let inbox: any RowInbox
    let queue: WindowQueue
    let recipe: RecordRecipe
    let paths: AudioPathPolicy
    let emit: @Sendable (RowEvent) -> Void

    /// Frames asked of the audio file at a time: a quarter of a second at 16 kHz.
    private static let framesPerRead = 4_096

    func run() {
        while let task = inbox.next() {
            queue.producerBegins()
            emit(.started([task.ordinal]))
            decode(task)
            queue.producerRests()
        }
        queue.producerEnds()
    }

    private func decode(_ task: RowTask) {
        let row: ManifestRow
        do throws(RowError) {
            row = try ManifestRow.parse(raw: task.raw)
        } catch {
            return emit(.failed(FailedRow(ordinal: task.ordinal, error)))
        }
        let assembly = RowAssembly(ordinal: task.ordinal, row: row, recipe: recipe, emit: emit)
        let path = paths.localPath(of: row.audioPath)
        guard paths.allows(path) else {
            return assembly.fail(.input, .audioForbiddenPath, "\(path) is outside the audio roots")
        }
        do throws(AudioError) {
            try cut(row.source(at: path), of: assembly)
        } catch {
            assembly.fail(error.failureClass, error.code, error.detail)
        }
    }

    /// Reads the audio once, cutting each lane as it comes.
    private func cut(_ source: AudioSource, of assembly: RowAssembly) throws(AudioError) {
        let stream = try AudioReader().open(source, channels: recipe.options.channels)
        assembly.begin(lanes: stream.laneCount)
        var grids = (0..<stream.laneCount).map { _ in ChunkGrid(recipe.options.chunking) }
        var counts = [Int](repeating: 0, count: stream.laneCount)
        var samples = [[Float]](repeating: [], count: stream.laneCount)
        while try stream.read(Self.framesPerRead, into: &samples) > 0 {
            for lane in samples.indices {
                for window in grids[lane].append(samples[lane]) {
                    counts[lane] += 1
                    guard submit(window, lane, assembly) else { return }
                }
                samples[lane].removeAll(keepingCapacity: true)
            }
        }
        for lane in grids.indices {
            for window in grids[lane].finish() {
                counts[lane] += 1
                guard submit(window, lane, assembly) else { return }
            }
        }
        guard let summary = stream.summary else {
            preconditionFailure("a stream that was read to its end has a summary")
        }
        assembly.end(
            .init(
                decodedSeconds: summary.decodedSeconds, audioDigest: summary.digest.bytes,
                warning: summary.warnings.joined(separator: "; "), windowsOfLanes: counts))
    }

    /// Hands a window to the compute threads; false when the row is over already.
    private func submit(
        _ window: ChunkGrid.Window, _ lane: Int, _ assembly: RowAssembly
    ) -> Bool {
        let frames = FrameGrid.frames(ofSamples: window.samples.count)
        guard !assembly.isOver else { return false }
        queue.push(.init(row: assembly, lane: lane, window: window, frames: frames))
        return true
    }
}
