import AudioFormats
import AudioInput
import AudioPlaces
import Batching
import Foundation
import SpeechTypes
import TemporaryFolders
import Testing
import Threading
import Transcription
import WindowCutting

/// Rows that are handed out one by one.
private final class Rows: RowInbox {
    private let left: Guarded<[RowTask]>

    init(_ tasks: [RowTask]) { left = Guarded(tasks) }

    func next() -> RowTask? { nextIfAvailable() }

    func nextIfAvailable() -> RowTask? {
        left.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }
}

/// Decode threads with what they work for: in the place of the model, windows read as letters by how loud
/// their own first frames are.
private struct Bench {
    let folder: TemporaryFolder
    let events = Events()
    /// What a row may take beyond the usual.
    var rowBytesMax = Int.max
    var change: (inout RecognitionOptions) -> Void = { _ in }
    var open: AudioDecodeLoop.Opening?

    /// Runs rows with these lines to their ends.
    func run(_ lines: [String]) throws {
        try run(lines.enumerated().map { RowTask(ordinal: $0.offset, raw: Array($0.element.utf8)) })
    }

    /// Runs tasks to their ends.
    func run(_ tasks: [RowTask]) throws {
        let recipe = try Sample.recipe(change: change)
        let progress = EngineProgress()
        let queue = WindowQueue(
            planner: BatchPlanner(limits: BatchLimits()), producers: 2, consumers: 1,
            waitingFramesMax: 4_000)
        let stage = DecodeStage(waitingFramesMax: 10_000, progress: progress)
        try stage.start(threads: 1)
        let reader = AudioReader()
        var options = RecognitionOptions()
        change(&options)
        let channels = options.channels
        let plain: AudioDecodeLoop.Opening = { source, file, progress, wait throws(AudioError) in
            try reader.open(
                source, of: file, channels: channels, progress: progress, waiting: wait)
        }
        var opening = plain
        if let open { opening = open }
        let loop = AudioDecodeLoop(
            queue: queue, decoding: stage, recipe: recipe,
            paths: AudioPathPolicy(baseFolder: folder.path),
            memory: RowMemory(bytesMax: rowBytesMax, bytesOfLane: 1_000) { _ in 0 },
            emit: events.emit,
            open: opening)
        let model = try DedicatedThread {
            while let batch = queue.nextBatch() {
                for item in batch {
                    let frames = FrameClock.wav2vec2.frames(ofSamples: item.window.samples.count)
                    let letter = Sample.letters[1 + Self.level(of: item.window) + 3 * item.lane]
                    stage.add(
                        Sample.frames(String(repeating: letter, count: frames)), of: item.window,
                        row: item.row, lane: item.lane)
                }
            }
        }
        let threads = AudioDecodeThreads(loop, inbox: Rows(tasks), progress: progress)
        try threads.start(threads: 2)
        threads.finish()
        model.join()
        stage.finish()
    }

    private static let levelStep = 1_000

    /// How loud a window begins, in steps.
    private static func level(of window: ChunkGrid.Window) -> Int {
        let place = (window.framesToDrop + 5) * FrameClock.wav2vec2.samplesPerFrame
        guard place < window.samples.count else { return 0 }
        return Int((window.samples[place] * 32_768 / Float(levelStep)).rounded())
    }

    /// Writes 30 s of silence and so on with a level that rises with each 30 s, at 8 kHz, and returns a row
    /// that names it.
    func row(_ name: String, seconds: Int, channels: Int = 1) throws -> String {
        func little(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(value >> (8 * $0) & 0xFF) }
        }
        let bytes = seconds * 8_000 * 2 * channels
        let header =
            Array("RIFF".utf8) + little(36 + bytes, 4) + Array("WAVEfmt ".utf8) + little(16, 4)
            + little(1, 2) + little(channels, 2) + little(8_000, 4) + little(16_000 * channels, 4)
            + little(2 * channels, 2) + little(16, 2) + Array("data".utf8) + little(bytes, 4)
        var samples: [UInt8] = []
        samples.reserveCapacity(bytes)
        for second in 0..<seconds {
            let sample = little(Self.levelStep * (second / 30), 2)
            for _ in 0..<8_000 * channels { samples += sample }
        }
        try folder.write(name, header + samples)
        return "{\"audio_filepath\":\"\(name)\"}"
    }

    /// The order in which something was said of a row.
    func kinds(of ordinal: Int) -> [String] {
        events.all.compactMap { event in
            switch event {
            case .started(let ordinals): ordinals.contains(ordinal) ? "started" : nil
            case .measured(ordinal, _): "measured"
            case .finished(let row): row.ordinal == ordinal ? "finished" : nil
            case .failed(let row): row.ordinal == ordinal ? "failed" : nil
            default: nil
            }
        }
    }
}

@Suite("What a decode thread does with a row")
struct AudioDecodeLoopTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("a recording becomes windows, all of which stand in its record in their order")
    func windows() throws {
        let bench = Bench(folder: folder)
        // 80 s are 4,000 frames, of which three windows own 1,500 at most.
        try bench.run([
            try bench.row("long.wav", seconds: 80), try bench.row("short.wav", seconds: 2),
        ])
        #expect(bench.events.texts == [0: "abc", 1: "a"])
        // Short rows are over before anybody needs to know how long they are.
        #expect(bench.kinds(of: 0) == ["started", "measured", "finished"])
        #expect(bench.kinds(of: 1) == ["started", "finished"])
    }

    @Test("each channel is cut into windows of its own, and the row is measured by all of them")
    func channels() throws {
        var bench = Bench(folder: folder)
        bench.change = { $0.channels = .each }
        try bench.run([try bench.row("stereo.wav", seconds: 50, channels: 2)])
        #expect(bench.events.texts == [0: "ab de"])
        let lengths = bench.events.all.compactMap { event -> RowLength? in
            if case .measured(_, let length) = event { length } else { nil }
        }
        #expect(lengths == [RowLength(milliseconds: 50_000, lanes: 2)])
    }

    @Test("without a grid a recording is one window, however long")
    func onePass() throws {
        var bench = Bench(folder: folder)
        bench.change = { $0.chunking = .off }
        try bench.run([try bench.row("long.wav", seconds: 80)])
        #expect(bench.events.texts == [0: "a"])
    }

    @Test("a row that cannot be used fails with its code, and its neighbours do not")
    func failures() throws {
        let bench = Bench(folder: folder)
        try folder.write("text.wav", "this is no recording")
        try bench.run([
            "not json", "{\"audio_filepath\":\"none.wav\"}", "{\"audio_filepath\":\"text.wav\"}",
            try bench.row("good.wav", seconds: 1),
        ])
        #expect(bench.events.texts == [3: "a"])
        let failures = bench.events.failures
        #expect(failures[0]?.code == .manifestInvalidJSON)
        #expect(failures[1]?.code == .audioNotFound)
        // Mappings may have changed a path, so that it is the thing to look at.
        #expect(failures[1]?.detail.contains("\(folder.path)/none.wav") == true)
        #expect(failures.count == 3 && failures[2]?.failureClass == .input)
        for ordinal in 0..<4 { #expect(bench.kinds(of: ordinal).first == "started") }
    }

    @Test("channels that the worker has no memory for fail their row before they are read")
    func memory() throws {
        var bench = Bench(folder: folder)
        bench.change = { $0.channels = .each }
        bench.rowBytesMax = 999
        try bench.run([
            try bench.row("stereo.wav", seconds: 1, channels: 2),
            try bench.row("mono.wav", seconds: 1),
        ])
        #expect(bench.events.failures[0]?.failureClass == .memory)
        #expect(bench.events.failures[0]?.code == .quarantinedMemory)
        #expect(bench.events.texts == [1: "a"])
    }

    private typealias Options = (inout RecognitionOptions) -> Void

    /// What became of the spans of a row that is cut at some windows, in their order, and of the row made
    /// of them.
    private func share(
        _ line: String, cutAt cuts: [Int],
        by options: @escaping Options = { $0.timestamps = .char },
        change: ([[UInt8]]) -> [[UInt8]] = { $0 }
    ) throws -> FinishedRow? {
        var bench = Bench(folder: folder)
        bench.change = options
        let ends = cuts.map { Optional($0) } + [nil]
        try bench.run(
            zip([0] + cuts, ends).enumerated().map { index, span in
                RowTask(
                    ordinal: 10 + index, raw: Array(line.utf8),
                    part: .span(RowSpan(firstWindow: span.0, endWindow: span.1)))
            })
        let pieces = bench.events.finished.filter { $0.ordinal >= 10 }
            .sorted { $0.ordinal < $1.ordinal }.map(\.record)
        try #require(pieces.count == ends.count)
        try bench.run([RowTask(ordinal: 0, raw: Array(line.utf8), part: .join(change(pieces)))])
        return bench.events.finished.first { $0.ordinal == 0 }
    }

    @Test("a row that several workers share ends to the byte as one that a worker computes alone")
    func sharedRow() throws {
        var bench = Bench(folder: folder)
        bench.change = { $0.timestamps = .char }
        // 8,500 frames are six windows.
        let line = try bench.row("long.wav", seconds: 170)
        try bench.run([line])
        let whole = try #require(bench.events.finished.first)
        #expect(String(decoding: whole.record, as: UTF8.self).contains("abcdef"))
        for cuts in [[1, 2, 3, 4, 5], [3], [5], [2, 3], [2, 9, 12]] {
            #expect(try share(line, cutAt: cuts) == whole, "cut at \(cuts)")
        }
        // What is not of one piece is no reason to give up the row.
        #expect(try share(line, cutAt: [2, 4], change: { Array($0.dropFirst()) }) == whole)
        #expect(try share(line, cutAt: [2, 4], change: { [[1, 2, 3]] + $0.dropFirst() }) == whole)
        // A recording that turns out to be one pass long is one window.
        let short = try bench.row("short.wav", seconds: 36)
        let other = Bench(folder: folder, change: { $0.timestamps = .char })
        try other.run([short])
        #expect(try share(short, cutAt: [1, 2]) == other.events.finished.first)
    }

    @Test("so does one whose windows lie around speech, wherever its spans meet")
    func sharedSpeech() throws {
        let options: Options = { options in
            options.timestamps = .char
            options.chunking = .speech
            options.segmentsField = "spoken"
        }
        func row(_ name: String, _ stretches: [(Double, Double)]) throws -> String {
            let list = stretches.map { "{\"start\":\($0.0),\"end\":\($0.1)}" }
            return try Bench(folder: folder).row(name, seconds: 170).replacing(
                "}", with: ",\"spoken\":[\(list.joined(separator: ","))]}")
        }
        let lines = [
            // Speech across the ends of spans, and spans without any.
            try row("some.wav", [(1, 4), (28, 33), (59.5, 61), (122, 123), (151, 169.9)]),
            try row("dense.wav", [(0, 170)]),
            try row("early.wav", [(2, 3)]),
            try row("late.wav", [(160, 161)]),
            try row("none.wav", []),
        ]
        for line in lines {
            let bench = Bench(folder: folder, change: options)
            try bench.run([line])
            let whole = try #require(bench.events.finished.first)
            for cuts in [[1, 2, 3, 4, 5], [3], [5], [2, 3], [2, 9, 12]] {
                #expect(
                    try share(line, cutAt: cuts, by: options) == whole, "\(line) cut at \(cuts)")
            }
        }
        // A last span that somebody else has computed with another idea of where speech is.
        let bench = Bench(folder: folder, change: options)
        try bench.run([lines[0]])
        let other = Bench(folder: folder, change: options)
        try other.run([
            RowTask(
                ordinal: 1, raw: Array(lines[1].replacing("dense", with: "some").utf8),
                part: .span(RowSpan(firstWindow: 2, endWindow: nil)))
        ])
        let strange = try #require(other.events.finished.first)
        let joined = try share(
            lines[0], cutAt: [2], by: options, change: { [$0[0], strange.record] })
        #expect(joined == bench.events.finished.first)
        // Where a row's own stretches cannot be used, a span says what the row would.
        let bad = try row("bad.wav", [(1, 500)])
        let whole = Bench(folder: folder, change: options)
        try whole.run([bad])
        let last = Bench(folder: folder, change: options)
        try last.run([
            RowTask(
                ordinal: 0, raw: Array(bad.utf8),
                part: .span(RowSpan(firstWindow: 3, endWindow: nil)))
        ])
        #expect(last.events.failures[0] == whole.events.failures[0])
        #expect(last.events.failures[0]?.code == .segmentsUnusable)
    }

    @Test("a span of a row that cannot be read fails as its row would")
    func failingSpan() throws {
        let bench = Bench(folder: folder)
        let none = Array("{\"audio_filepath\":\"none.wav\"}".utf8)
        let behind = Array(
            try bench.row("cut.wav", seconds: 40).replacing("}", with: ",\"offset\":50}").utf8)
        let span = RowPart.span(RowSpan(firstWindow: 0, endWindow: 2))
        try bench.run([
            RowTask(ordinal: 7, raw: none, part: span),
            RowTask(ordinal: 8, raw: behind, part: span),
        ])
        #expect(bench.events.failures[7]?.code == .audioNotFound)
        #expect(bench.events.failures[8]?.failureClass == .input)
        #expect(bench.events.finished.isEmpty)
    }

    @Test("a source that does not answer is told apart from a file that is wrong")
    func source() throws {
        var bench = Bench(folder: folder)
        bench.open = { source, _, _, _ throws(AudioError) in
            throw AudioError(.quarantinedSource, source.path, "it does not answer", class: .source)
        }
        try bench.run([try bench.row("away.wav", seconds: 1)])
        #expect(bench.events.failures[0]?.failureClass == .source)
        #expect(bench.events.failures[0]?.detail == "it does not answer")
    }
}
