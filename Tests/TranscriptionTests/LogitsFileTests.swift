import Foundation
import LogitsFiles
import SpeechTypes
import Testing
import Transcription

@Suite("Files of log-probabilities")
struct LogitsFileTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "logits-\(UInt64.random(in: 0...UInt64.max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path)
    }

    @Test("a complete file has the format of NumPy, and the frames in their order")
    func format() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = try LogitsFile(folder: folder.path, name: "7", classes: 2)
        try file.append([1, 2, 3, 4])
        try file.append([5, 6])
        #expect(try names() != ["7.npy"], "the name stands for what is complete")
        try file.finish()
        #expect(try names() == ["7.npy"])
        let bytes = try Data(contentsOf: folder.appendingPathComponent("7.npy"))
        #expect(bytes.count == 128 + 6 * 4)
        #expect(bytes.prefix(8) == Data([0x93] + Array("NUMPY".utf8) + [1, 0]))
        #expect(bytes[8] == 118 && bytes[9] == 0 && bytes[127] == 0x0A)
        let header = String(decoding: bytes[10..<128], as: UTF8.self)
        #expect(
            header.hasPrefix("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }"))
        let values = bytes.dropFirst(128).withUnsafeBytes { bytes in
            (0..<6).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
        }
        #expect(values == [1, 2, 3, 4, 5, 6])
    }

    @Test("half precision rounds to the nearest number, ties to even, and never to infinity")
    func half() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let values: [Float] = [
            0, -1, -0.1, -65_504, -1e30, -1.0009765, -1.00048828125, -1.00146484375, -6.1e-5,
            -5.96e-8,
            -2.9e-8, -1e-20,
        ]
        let halves: [UInt16] = [
            0, 0xBC00, 0xAE66, 0xFBFF, 0xFBFF, 0xBC01, 0xBC00, 0xBC02, 0x83FF, 0x8001, 0x8000,
            0x8000,
        ]
        let file = try LogitsFile(folder: folder.path, name: "7", classes: 2, format: .f16)
        try file.append(values)
        try file.finish()
        let bytes = try Data(contentsOf: folder.appendingPathComponent("7.npy"))
        let header = String(decoding: bytes[10..<128], as: UTF8.self)
        #expect(header.hasPrefix("{'descr': '<f2', 'fortran_order': False, 'shape': (6, 2), }"))
        let read = bytes.dropFirst(128).withUnsafeBytes { bytes in
            halves.indices.map { bytes.loadUnaligned(fromByteOffset: 2 * $0, as: UInt16.self) }
        }
        #expect(read == halves)
    }

    @Test("rows of a shard are found by their numbers, and a torn one is passed over")
    func shards() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let events = Events()
        let path = folder.path
        let recipe = try Sample.recipe {
            $0.logitsDirectory = path
            $0.hasLogitsShards = true
        }
        let stage = DecodeStage(waitingFramesMax: 1_000, progress: EngineProgress())
        try stage.start(threads: 2)
        for ordinal in 0..<3 {
            let row = try Sample.row(ordinal, recipe, events)
            stage.add("ab", 0, of: row)
            stage.end(row, Sample.ending(windows: [1]))
        }
        stage.finish()
        #expect(events.texts.count == 3)
        let shard = try #require(try names().first { $0.hasSuffix(".tar") })
        #expect(try names() == [shard])
        let whole = try LogitsFolder(path)
        let digests = try (0..<3).map { try whole.digest(of: $0, channels: .mix) }
        #expect(Set(digests).count == 1)
        #expect(throws: (any Error).self) { try whole.digest(of: 3, channels: .mix) }
        // What a crash leaves: a header whose row is not complete.
        let url = folder.appendingPathComponent(shard)
        var bytes = try Data(contentsOf: url)
        // More than what fills up the last block.
        bytes.removeLast(600)
        try bytes.write(to: url)
        let torn = try LogitsFolder(path)
        let left = (0..<3).filter { (try? torn.digest(of: $0, channels: .mix)) != nil }
        #expect(left.count == 2)
    }

    @Test("a file that is not completed leaves nothing behind")
    func abandoned() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        do {
            let file = try LogitsFile(folder: folder.path, name: "7", classes: 2)
            try file.append([1, 2])
            #expect(try names().count == 1)
        }
        #expect(try names().isEmpty)
    }

    @Test("a disk that is full is told of, with the file")
    func fullDisk() throws {
        try FileManager.default.createSymbolicLink(
            atPath: folder.appendingPathComponent(".7.npy.\(getpid()).part").path,
            withDestinationPath: "/dev/full")
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = try LogitsFile(folder: folder.path, name: "7", classes: 2)
        let error = #expect(throws: LogitsError.self) {
            // More than any buffer of the C library.
            try file.append([Float](repeating: 0, count: 1 << 16))
            try file.finish()
        }
        #expect(error?.description.contains("7.npy") == true)
        #expect(error?.description.contains("No space left") == true)
    }

    @Test("log-probabilities that cannot be written count against the worker, not the row")
    func workerFails() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let events = Events()
        let missing = folder.appendingPathComponent("none").path
        let recipe = try Sample.recipe { $0.logitsDirectory = missing }
        let stage = DecodeStage(waitingFramesMax: 1_000, progress: EngineProgress())
        try stage.start(threads: 1)
        let row = try Sample.row(3, recipe, events)
        stage.add("ab", 0, of: row)
        stage.end(row, Sample.ending(windows: [1]))
        stage.finish()
        #expect(events.texts.isEmpty && events.count == 1)
        #expect(events.failures[3]?.failureClass == .worker)
        #expect(events.failures[3]?.detail.contains("--save-logits") == true)
    }

    @Test("each channel has a file, with the frames that its windows own")
    func channels() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let events = Events()
        let path = folder.path
        let recipe = try Sample.recipe {
            $0.logitsDirectory = path
            $0.channels = .each
        }
        let stage = DecodeStage(waitingFramesMax: 1_000, progress: EngineProgress())
        try stage.start(threads: 2)
        let row = try Sample.row(3, recipe, events, lanes: 2)
        stage.add("xab", 0, of: row, drop: 1)
        stage.add("c", 1, of: row)
        stage.add("d", 0, of: row, lane: 1)
        stage.end(row, Sample.ending(windows: [2, 1]))
        stage.finish()
        #expect(events.texts == [3: "abc d"])
        #expect(try names().sorted() == ["3.0.npy", "3.1.npy"])
        let sizes = try names().sorted().map {
            try Data(contentsOf: folder.appendingPathComponent($0)).count
        }
        let frame = 4 * Sample.letters.count
        #expect(sizes == [128 + 3 * frame, 128 + frame])
    }
}
