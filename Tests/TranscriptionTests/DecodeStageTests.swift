import CTCDecoding
import Dispatch
import Foundation
import SpeechTypes
import Tensors
import Testing
import Threading
import Transcription
import WindowCutting

/// A decoder that does something before each piece of frames, and then reads greedily.
private struct Acting: CTCDecoder {
    let act: @Sendable (_ frames: Int) throws(DecoderError) -> Void
    var greedy = GreedyDecoder(vocabulary: Sample.vocabulary)

    mutating func append(_ frames: LogProbabilities) throws(DecoderError) {
        try act(frames.frames)
        greedy.append(frames)
    }

    mutating func finish() throws(DecoderError) -> Transcript { greedy.finish() }
}

private struct ActingFactory: CTCDecoderFactory {
    let bytesOfDecoder = 0
    let act: @Sendable (_ frames: Int) throws(DecoderError) -> Void

    func makeDecoder(hotwords: [Hotword]) -> any CTCDecoder { Acting(act: act) }
}

@Suite("Making text on threads of its own")
struct DecodeStageTests {
    private let events = Events()
    private let progress = EngineProgress()

    private func stage(threads: Int = 2, framesMax: Int = 1_000) throws -> DecodeStage {
        let stage = DecodeStage(waitingFramesMax: framesMax, progress: progress)
        try stage.start(threads: threads)
        return stage
    }

    @Test("windows are read in their order, however they come", arguments: 0..<24)
    func order(seed: Int) throws {
        let stage = try stage()
        let row = try Sample.row(0, Sample.recipe(), events)
        let texts = ["a_b", "bc|", "|_d", "def"]
        // All orders of four windows.
        var left = Array(0..<4)
        var number = seed
        for choices in (1...4).reversed() {
            let index = left.remove(at: number % choices)
            number /= choices
            stage.add(texts[index], index, of: row)
        }
        stage.end(row, Sample.ending(windows: [4]))
        stage.finish()
        #expect(events.texts == [0: "abc def"])
        #expect(events.count == 1)
    }

    @Test("frames of context are left out at both ends of a window")
    func context() throws {
        let stage = try stage()
        let row = try Sample.row(0, Sample.recipe(), events)
        var window = Sample.window(0, frames: 6)
        window.framesToDrop = 2
        window.framesToKeep = 3
        stage.add(Sample.frames("eea_bf"), of: window, row: row, lane: 0)
        stage.end(row, Sample.ending(windows: [1]))
        stage.finish()
        #expect(events.texts == [0: "ab"])
    }

    @Test("the audio may end before or after its windows are computed", arguments: [true, false])
    func ending(isFirst: Bool) throws {
        let stage = try stage()
        let row = try Sample.row(0, Sample.recipe(), events)
        if isFirst { stage.end(row, Sample.ending(windows: [2])) }
        stage.add("a", 0, of: row)
        stage.add("b", 1, of: row)
        if !isFirst { stage.end(row, Sample.ending(windows: [2])) }
        stage.finish()
        #expect(events.texts == [0: "ab"])
        #expect(row.isOver)
    }

    @Test("each channel has a text of its own, and the record is written when all are read")
    func lanes() throws {
        let stage = try stage()
        let recipe = try Sample.recipe { $0.channels = .each }
        let row = try Sample.row(0, recipe, events, lanes: 2)
        stage.add("cd", 0, of: row, lane: 1)
        stage.end(row, Sample.ending(windows: [2, 1]))
        stage.add("b", 1, of: row)
        stage.add("a", 0, of: row)
        stage.finish()
        #expect(events.texts == [0: "ab cd"])
    }

    @Test("a decoder that fails costs its own row")
    func failure() throws {
        let stage = try stage()
        let failing = ActingFactory { _ throws(DecoderError) in
            throw DecoderError("no path through the lexicon")
        }
        let bad = try Sample.row(0, Sample.recipe(failing), events)
        let good = try Sample.row(1, Sample.recipe(), events)
        for row in [bad, good] {
            stage.add("ab", 0, of: row)
            stage.end(row, Sample.ending(windows: [1]))
        }
        stage.finish()
        #expect(events.texts == [1: "ab"])
        #expect(events.failures[0]?.detail == "no path through the lexicon")
        #expect(events.failures[0]?.failureClass == .engine)
        #expect(events.count == 2)
    }

    @Test("a decoder that takes long keeps no other row, and its row ends once")
    func slow() throws {
        let stage = try stage()
        let mayGoOn = DispatchSemaphore(value: 0)
        let slow = ActingFactory { _ throws(DecoderError) in mayGoOn.wait() }
        let long = try Sample.row(0, Sample.recipe(slow), events)
        stage.add("ab", 0, of: long)
        let finished = Guarded(0)
        for ordinal in 1...20 {
            let row = try Sample.row(ordinal, Sample.recipe(), events)
            stage.add("cd", 0, of: row)
            stage.end(row, Sample.ending(windows: [1]))
        }
        // The other thread reads all of them meanwhile: nothing here would go on otherwise.
        while events.texts.count < 20 { sched_yield() }
        finished.withLock { $0 = events.texts.count }
        // Whoever asks for the state of the row does not wait for its decoder.
        #expect(!long.isOver)
        long.fail(.source, .quarantinedSource, "given up")
        #expect(long.isOver)
        stage.end(long, Sample.ending(windows: [1]))
        mayGoOn.signal()
        stage.finish()
        #expect(finished.withLock { $0 } == 20)
        #expect(events.failures[0]?.detail == "given up")
        #expect(events.count == 21)
    }

    @Test("every piece that is decoded is a step, so that a long decode is no stall")
    func steps() throws {
        let stage = try stage(threads: 1, framesMax: 10_000)
        let pieces = Guarded<[Int]>([])
        let factory = ActingFactory { frames throws(DecoderError) in
            pieces.withLock { $0.append(frames) }
        }
        let row = try Sample.row(0, Sample.recipe(factory), events)
        stage.add(String(repeating: "a_", count: 2_000), 0, of: row, drop: 10)
        stage.end(row, Sample.ending(windows: [1]))
        stage.finish()
        let sizes = pieces.withLock { $0 }
        #expect(sizes.reduce(0, +) == 3_990)
        #expect(sizes.allSatisfy { $0 <= 250 })
        #expect(progress.steps >= sizes.count)
        #expect(events.texts[0]?.count == 1_995)
    }

    @Test("compute waits while too much waits for text, and windows ahead of others never block it")
    func bounded() throws {
        let stage = try stage(threads: 1, framesMax: 8)
        let mayGoOn = DispatchSemaphore(value: 0)
        let slow = ActingFactory { _ throws(DecoderError) in mayGoOn.wait() }
        let row = try Sample.row(0, Sample.recipe(slow), events)
        // Ahead of the first window: nothing can be decoded, so nothing may wait for a decoder.
        for index in (1..<10).reversed() { stage.add("ab_c", index, of: row) }
        stage.add("ab_c", 0, of: row)
        let others = try (1...3).map { try Sample.row($0, Sample.recipe(slow), events) }
        let added = Guarded(0)
        let compute = try DedicatedThread {
            for other in others {
                stage.add("de", 0, of: other)
                added.withLock { $0 += 1 }
                stage.end(other, Sample.ending(windows: [1]))
            }
        }
        #expect(!compute.join(milliseconds: 50))
        #expect(added.withLock { $0 } == 0)
        stage.end(row, Sample.ending(windows: [10]))
        for _ in 0..<13 { mayGoOn.signal() }
        compute.join()
        stage.finish()
        #expect(events.texts == [0: "abcabcabcabcabcabcabcabcabcabc", 1: "de", 2: "de", 3: "de"])
    }

    @Test("many rows of many windows on several threads read as one thread reads them")
    func many() throws {
        var random = Xorshift(state: 0x9E37_79B9)
        let texts = (0..<40).map { _ in
            (0..<Int(random.next(below: 6)) + 1).map { _ in
                String(
                    (0..<30).map { _ in
                        Character(Sample.letters[Int(random.next(below: 8))])
                    })
            }
        }
        func read(threads: Int) throws -> [Int: String] {
            let events = Events()
            let stage = DecodeStage(waitingFramesMax: 64, progress: progress)
            try stage.start(threads: threads)
            let rows = try texts.indices.map { try Sample.row($0, Sample.recipe(), events) }
            let computers = try (0..<3).map { number in
                try DedicatedThread {
                    for (row, windows) in zip(rows, texts) {
                        for (index, text) in windows.enumerated() where index % 3 == number {
                            stage.add(text, index, of: row)
                        }
                    }
                }
            }
            for (row, windows) in zip(rows, texts) {
                stage.end(row, Sample.ending(windows: [windows.count]))
            }
            for computer in computers { computer.join() }
            stage.finish()
            return events.texts
        }
        let expected = texts.map { windows in
            let frames = Sample.frames(windows.joined())
            return GreedyDecoder.transcript(
                of: LogProbabilities(
                    frames: frames.shape[0], classes: frames.shape[1], values: frames.values),
                vocabulary: Sample.vocabulary
            ).text
        }
        let wanted = Dictionary(uniqueKeysWithValues: expected.enumerated().map { ($0, $1) })
        #expect(try read(threads: 1) == wanted)
        #expect(try read(threads: 4) == wanted)
    }
}

/// Numbers that are the same in every run.
private struct Xorshift {
    var state: UInt64

    mutating func next(below end: UInt64) -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state % end
    }
}
