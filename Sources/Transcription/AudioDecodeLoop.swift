package import AudioFormats
package import AudioInput
package import AudioPlaces
package import Batching
internal import CalibratedRecords
internal import DecoderFiles
internal import Digests
internal import Manifests
internal import RowFeatures
internal import RowSpans
internal import SpeechBoundaries
package import SpeechTypes
internal import StrictJSON
internal import WindowCutting

/// What a decode thread does with each row: its audio becomes windows of samples.
package struct AudioDecodeLoop: AudioDecodeWork {
    /// Opens a span of audio; its stream tells the progress of what it reads.
    ///
    /// The last argument is given what waits for another thread.
    package typealias Opening =
        @Sendable (AudioSource, AudioFile, EngineProgress, _ waiting: (() -> Void) -> Void)
        throws(AudioError) -> AudioStream

    let queue: WindowQueue
    let decoding: DecodeStage
    /// Of the row, where rows name their languages.
    var recipe: RecordRecipe
    let languages: RowLanguages?
    let paths: AudioPathPolicy
    let memory: RowMemory
    let emit: @Sendable (RowEvent) -> Void
    let open: Opening
    /// What was read of rows that are shared.
    let spanStreams = SpanStreams()

    /// Frames asked of the audio file at a time: a quarter of a second at 16 kHz.
    private static let framesPerRead = 4_096

    package init(
        queue: WindowQueue, decoding: DecodeStage, recipe: RecordRecipe, paths: AudioPathPolicy,
        memory: RowMemory,
        emit: @escaping @Sendable (RowEvent) -> Void, open: @escaping Opening
    ) {
        self.init(
            queue: queue, decoding: decoding, recipe: recipe, languages: nil, paths: paths,
            memory: memory, emit: emit, open: open)
    }

    /// - Parameter languages: of a job whose rows name theirs; nil for others.
    init(
        queue: WindowQueue, decoding: DecodeStage, recipe: RecordRecipe, languages: RowLanguages?,
        paths: AudioPathPolicy, memory: RowMemory,
        emit: @escaping @Sendable (RowEvent) -> Void, open: @escaping Opening
    ) {
        self.languages = languages
        self.queue = queue
        self.decoding = decoding
        self.recipe = recipe
        self.paths = paths
        self.memory = memory
        self.emit = emit
        self.open = open
    }

    package func begins(_ task: RowTask) {
        queue.producerBegins()
        emit(.started([task.ordinal]))
    }

    package func rests() { queue.producerRests() }

    package func ends() { queue.producerEnds() }

    /// Decodes a row on a thread that is watched meanwhile.
    package func decode(_ task: RowTask, on thread: WatchedThread) {
        let row: ManifestRow
        do throws(RowError) {
            row = try ManifestRow.parse(raw: task.raw)
        } catch {
            return emit(.failed(FailedRow(ordinal: task.ordinal, error)))
        }
        inLanguage(of: row, task)?.decode(row, task, on: thread)
    }

    private func decode(_ row: ManifestRow, _ task: RowTask, on thread: WatchedThread) {
        switch task.part {
        case .span(let span): return decode(span, of: row, task, on: thread)
        case .join(let pieces) where join(pieces, of: row, task, on: thread): return
        case .join, nil: break
        }
        var text: RowText?
        if let alignment = recipe.options.alignment {
            // Nothing of the row's audio is needed to see whether its text can be used.
            let early = RowAssembly(ordinal: task.ordinal, row: row, recipe: recipe, emit: emit)
            thread.begin { early.fail(.source, .quarantinedSource, $0) }
            do throws(AudioError) {
                text = try RowText(
                    of: row, alignment, vocabulary: recipe.vocabulary, paths: paths,
                    progress: thread.progress)
            } catch {
                return early.fail(error.failureClass, error.code, error.detail)
            }
            if early.isOver { return }
        }
        guard let hotwords = hotwords(of: row) else {
            return emit(
                .failed(
                    FailedRow(
                        ordinal: task.ordinal, failureClass: .input, code: .hotwordsUnusable,
                        detail: "write a phrase, a list of phrases, or an object with their weights"
                    )))
        }
        let speech: RowSpeech?
        do throws(RowSpeech.Fault) {
            speech = try self.speech(of: row)
        } catch {
            return emit(.failed(unusable(error, task)))
        }
        let assembly = RowAssembly(
            ordinal: task.ordinal, row: row, recipe: recipe, text: text, hotwords: hotwords,
            speech: speech, emit: emit)
        thread.begin { assembly.fail(.source, .quarantinedSource, $0) }
        do throws(AudioError) {
            let bytesOfFrame = text?.bytesOfFrame(recipe.vocabulary) ?? 0
            if let folder = recipe.logitsFolder {
                let files = folder.files(of: task.ordinal, channels: recipe.options.channels)
                try read(files, of: assembly, bytesOfFrame, on: thread)
            } else if let logits = row.logitsPath, recipe.readsOnlyLogits || !row.hasAudio {
                try read([logits], of: assembly, bytesOfFrame, on: thread)
            } else {
                let file = try paths.openRecording(row.audioPath, progress: thread.progress)
                try cut(row.source(at: file.path), file, of: assembly, bytesOfFrame, on: thread)
            }
        } catch {
            // A path that leads nowhere is the thing to look at: mappings may have changed it.
            let detail = error.code == .audioNotFound ? "\(error)" : error.detail
            assembly.fail(error.failureClass, error.code, detail)
        }
    }

    /// The phrases that a row names for its decoder; nil where it names something else.
    private func hotwords(of row: ManifestRow) -> [Hotword]? {
        guard let field = recipe.options.hotwordsField, let value = row.object[field] else {
            return []
        }
        return HotwordList.hotwords(of: value)
    }

    /// Where a row says that somebody speaks; nil where it says nothing.
    func speech(of row: ManifestRow) throws(RowSpeech.Fault) -> RowSpeech? {
        guard let field = recipe.options.segmentsField, let value = row.object[field],
            !value.isNull
        else { return nil }
        return try RowSpeech(value)
    }

    /// The end of a row that says it in a way that cannot be used.
    func unusable(_ fault: RowSpeech.Fault, _ task: RowTask) -> FailedRow {
        FailedRow(
            ordinal: task.ordinal, failureClass: .input, code: .segmentsUnusable,
            detail: "\(recipe.options.segmentsField ?? ""): \(fault)")
    }

    /// Ends a row whose audio is so many samples shorter than where it says that somebody speaks.
    func fail(_ assembly: RowAssembly, excess: Int) {
        let seconds = Double(excess) / Double(FrameClock.sampleRate)
        assembly.fail(
            .input, .segmentsUnusable,
            "\(recipe.options.segmentsField ?? "") ends \(seconds) s behind the end of the audio")
    }

    /// Reads the audio once, cutting each lane as it comes.
    private func cut(
        _ source: AudioSource, _ file: AudioFile, of assembly: RowAssembly, _ bytesOfFrame: Int,
        on thread: WatchedThread
    ) throws(AudioError) {
        let stream = try open(source, file, thread.progress) { wait in
            waitForOthers(on: thread, wait)
        }
        assembly.begin(lanes: stream.laneCount)
        var measure = RowMeasure(ordinal: assembly.ordinal, of: stream, emit: emit)
        var cutters = (0..<stream.laneCount).map {
            recipe.cutter(of: assembly.speech, channel: assembly.channel(ofLane: $0))
        }
        var coverage = [LaneCoverage](repeating: LaneCoverage(), count: stream.laneCount)
        var counts = [Int](repeating: 0, count: stream.laneCount)
        var samples = [[Float]](repeating: [], count: stream.laneCount)
        var features = recipe.measuresRows ? cutters.map { _ in AudioFeatures() } : []
        var hasClaim = false
        var kept = 0
        var frames = 0
        guard mayHold(0, lanes: stream.laneCount, assembly, thread, &hasClaim) else { return }
        while case let got = try stream.read(Self.framesPerRead, into: &samples), got > 0 {
            measure.add(samples: got)
            for lane in samples.indices {
                if recipe.measuresRows { features[lane].append(samples[lane]) }
                for window in cutters[lane].append(samples[lane]) {
                    counts[lane] += 1
                    coverage[lane].add(window)
                    kept += (window.framesSkipped + window.framesToKeep) * bytesOfFrame
                    frames += window.framesToKeep
                    guard submit(window, lane, assembly, thread) else { return }
                }
                samples[lane].removeAll(keepingCapacity: true)
            }
            guard mayKeep(kept, assembly, thread, &hasClaim) else { return }
            keepTimes(of: frames, assembly, thread, &hasClaim)
            guard
                recipe.options.chunking != .off
                    || mayHold(
                        cutters.map(\.pendingSamples).max() ?? 0, lanes: cutters.count, assembly,
                        thread,
                        &hasClaim)
            else { return }
        }
        if let excess = cutters.lazy.compactMap(\.excess).max() {
            return fail(assembly, excess: excess)
        }
        for lane in cutters.indices {
            let (windows, spent) = cutters[lane].finish()
            if let spent { coverage[lane].samples = spent }
            for window in windows {
                counts[lane] += 1
                coverage[lane].add(window)
                guard submit(window, lane, assembly, thread) else { return }
            }
        }
        guard let summary = stream.summary else {
            preconditionFailure("a stream that was read to its end has a summary")
        }
        decoding.end(
            assembly,
            .init(
                decodedSeconds: summary.decodedSeconds, audioDigest: summary.digest.bytes,
                warning: summary.warnings.joined(separator: "; "),
                audioWarning: summary.audioWarning, windowsOfLanes: counts,
                audio: features.map { LaneAudio($0) },
                coverage: recipe.options.chunking == .speech ? coverage : [], object: file.object))
    }

    /// Nothing comes from this thread until another has finished its span, which is no fault of the
    /// audio's.
    func waitForOthers(on thread: WatchedThread, _ wait: () -> Void) {
        thread.waiting {
            queue.producerRests()
            wait()
            queue.producerBegins()
        }
    }

    /// Reads log-probabilities that were stored, in place of audio.
    ///
    /// - Parameter files: of each lane.
    private func read(
        _ files: [PathBytes], of assembly: RowAssembly, _ bytesOfFrame: Int,
        on thread: WatchedThread
    ) throws(AudioError) {
        var lanes: [StoredLogits] = []
        for path in files {
            lanes.append(
                try StoredLogits(
                    try StoredLogits.open(path, paths, thread.progress),
                    classes: recipe.vocabulary.symbols.count))
        }
        let audio: [LaneAudio]
        do throws(StoredAudioFeatures.Fault) {
            audio = try recipe.knownAudio.lanes(of: assembly.ordinal, frames: lanes.map(\.frames))
        } catch {
            // Not the row's own files are at fault; another worker, or a later try, may find better ones.
            return assembly.fail(.worker, .quarantinedEngine, "\(error)")
        }
        assembly.begin(lanes: lanes.count)
        var hasClaim = false
        let frames = lanes.reduce(0) { $0 + $1.frames }
        guard mayKeep(frames * bytesOfFrame, assembly, thread, &hasClaim) else { return }
        keepTimes(of: frames, assembly, thread, &hasClaim)
        var windows: [Int] = []
        var digests: [[UInt8]] = []
        for (lane, stored) in lanes.enumerated() {
            windows.append(0)
            digests.append(
                try stored.forEachWindow { window, result in
                    guard !assembly.isOver else { return false }
                    windows[lane] += 1
                    thread.waiting {
                        decoding.add(result, of: window, row: assembly, lane: lane)
                    }
                    return true
                })
        }
        let samples = (lanes.map(\.frames).max() ?? 0) * recipe.samplesPerFrame
        decoding.end(
            assembly,
            .init(
                decodedSeconds: Double(samples) / Double(FrameClock.sampleRate),
                audioDigest: StoredLogits.digest(ofLanes: digests), windowsOfLanes: windows,
                audio: audio))
    }

    /// Hands a window to the compute threads; false when the row is over already.
    func submit(
        _ window: ChunkGrid.Window, _ lane: Int, _ assembly: RowAssembly, _ thread: WatchedThread
    ) -> Bool {
        guard !assembly.isOver else { return false }
        // Waiting for room is no fault of the audio's.
        thread.waiting {
            queue.push(
                .init(row: assembly, lane: lane, window: window, clock: recipe.clock))
        }
        return true
    }
}
