import AudioFormats
import AudioInput
import Digests
import Foundation
import SpeechTypes
import TemporaryFolders
import TestProcesses
import Testing
import Threading

@Suite("Many spans of one long recording") struct SharedSpanTests {
    /// How a recording is encoded.
    struct Format: Sendable, CustomTestStringConvertible {
        let name: String
        let arguments: [String]
        /// Spans have the very samples of the whole decode; otherwise those that their start decides.
        var isExact = true
        /// Spans seek, so that the order in which they are asked for costs nothing.
        var seeks = false

        var testDescription: String { name }
    }

    static let formats = [
        Format(name: "cbr.mp3", arguments: ["-c:a", "libmp3lame", "-b:a", "32k"], seeks: true),
        Format(
            name: "low.mp3", arguments: ["-c:a", "libmp3lame", "-b:a", "8k"], seeks: true),
        Format(name: "vbr.mp3", arguments: ["-c:a", "libmp3lame", "-q:a", "5"], seeks: true),
        Format(name: "a.mp2", arguments: ["-c:a", "mp2", "-b:a", "48k"], seeks: true),
        Format(name: "a.opus", arguments: ["-c:a", "libopus"], isExact: false, seeks: true),
        Format(name: "a.ogg", arguments: ["-c:a", "libvorbis"], seeks: true),
        Format(name: "a.flac", arguments: ["-c:a", "flac"], seeks: true),
        Format(name: "a.m4a", arguments: ["-c:a", "aac", "-b:a", "32k"]),
        Format(name: "a.aac", arguments: ["-c:a", "aac", "-b:a", "32k"]),
        Format(name: "a.wma", arguments: ["-c:a", "wmav2"]),
        Format(name: "a.mka", arguments: ["-c:a", "libvorbis"]),
    ]

    /// Spans that begin on whole samples of 16 kHz, in the order of time; some overlap.
    private static let spans: [AudioSource] = (0..<30).map { (index: Int) -> AudioSource in
        let offset = Double(index * 31 + 4) / 8
        let duration = Double(index % 7 + 1) * 0.625
        return AudioSource(path: "", offsetSeconds: offset, durationSeconds: duration)
    }

    private static let seconds = 120

    @Test("what a span holds depends on nothing but the span", arguments: formats)
    func same(format: Format) throws {
        let folder = try TemporaryFolder()
        let path = try Self.encode(format, in: folder)
        let whole = try AudioFixtures.read(path).lanes[0]

        let forward = AudioReader()
        let lanes = try Self.spans.map { try Self.read($0, of: path, with: forward) }
        #expect(
            Double(forward.decodedFrameCount) <= 1.5 * Double(whole.count),
            "\(forward.decodedFrameCount) frames decoded of \(whole.count)")
        for (span, lane) in zip(Self.spans, lanes) {
            let start = Int(span.offsetSeconds * 16_000)
            let length = Int((span.durationSeconds ?? 0) * 16_000)
            let part = Array(whole[start..<start + length])
            let isRight = format.isExact ? lane == part : Self.isClose(lane, part)
            #expect(isRight, "span at \(span.offsetSeconds) s")
        }

        let backward = AudioReader()
        let some = format.seeks ? Array(Self.spans.indices.reversed()) : [29, 11, 12, 3]
        for index in some {
            let lane = try Self.read(Self.spans[index], of: path, with: backward)
            #expect(lane == lanes[index], "span \(index)")
        }
        if format.seeks {
            #expect(Double(backward.decodedFrameCount) <= 1.5 * Double(whole.count))
        }

        // At the end there is neither more nor less than in the whole, and behind it nothing.
        let end = AudioReader()
        let rest = try Self.read(
            AudioSource(path: path, offsetSeconds: 118.5), of: path, with: end)
        #expect(rest.count == whole.count - Int(118.5 * 16_000))
        #expect(format.isExact ? rest == Array(whole.suffix(rest.count)) : true)
        let behind = AudioFixtures.failure(path, offset: 130, reader: end)
        #expect(behind?.code == .manifestBadSpan)
        #expect(behind?.detail.contains("\(Double(whole.count) / 16_000) s") == true)
        if format.seeks { #expect(end.decodedFrameCount < whole.count / 4) }

        let alone = try Self.read(Self.spans[17], of: path, with: AudioReader())
        #expect(alone == lanes[17])
    }

    @Test(
        "threads that share a reader disturb nobody's span",
        arguments: formats.filter { ["a.m4a", "a.ogg", "cbr.mp3"].contains($0.name) })
    func threads(format: Format) throws {
        let folder = try TemporaryFolder()
        let path = try Self.encode(format, in: folder)
        let reader = AudioReader()
        let alone = AudioReader()
        let lanes = try Self.spans.map { try Self.read($0, of: path, with: alone) }
        let next = Guarded(0)
        let found = Guarded([Int: [Float]]())
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            while true {
                let index = next.withLock { index in
                    defer { index += 1 }
                    return index
                }
                guard index < Self.spans.count else { return }
                let lane = try? Self.read(Self.spans[index], of: path, with: reader)
                found.withLock { $0[index] = lane }
            }
        }
        for index in Self.spans.indices {
            let lane = found.withLock { $0[index] }
            #expect(lane == lanes[index], "span \(index)")
        }
    }

    @Test("a span holds what ffmpeg has at its time", arguments: formats)
    func alignment(format: Format) throws {
        let folder = try TemporaryFolder()
        let path = try Self.encode(format, in: folder)
        let other = "\(folder.path)/other.f32"
        // Opus decodes at 48 kHz there.
        try Self.ffmpeg(["-i", path, "-ar", "16000", "-f", "f32le", other])
        let bytes = try #require(FileManager.default.contents(atPath: other))
        let reference = bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
        let reader = AudioReader()
        for second in [3, 61, 118] {
            let span = AudioSource(path: path, offsetSeconds: Double(second), durationSeconds: 1)
            let lane = try Self.read(span, of: path, with: reader)
            let errors = (-1_200...1_200).map { shift in
                (shift, Self.error(lane, reference, at: second * 16_000 + shift))
            }
            let best = try #require(errors.min { $0.1 < $1.1 })
            #expect(best.0 == 0, "\(second) s is \(best.0) samples off")
        }
    }

    @Test("damage behind a span, or before one that seeks, is none of its business")
    func damage() throws {
        let folder = try TemporaryFolder()
        let format = try #require(Self.formats.first { $0.name == "a.flac" })
        let path = try Self.encode(format, in: folder)
        var bytes = Array(try #require(FileManager.default.contents(atPath: path)))
        for index in bytes.count / 2..<bytes.count / 2 + 64 { bytes[index] ^= 0x55 }
        let damaged = try folder.write("damaged.flac", bytes)
        let reader = AudioReader()
        for offset in [5.0, 110] {
            let span = AudioSource(path: path, offsetSeconds: offset, durationSeconds: 2)
            #expect(
                try Self.read(span, of: damaged, with: reader)
                    == Self.read(span, of: path, with: reader))
        }
        let across = AudioFixtures.failure(damaged, offset: 20, duration: 80, reader: reader)
        #expect(across?.code == .audioDamaged)
    }

    @Test("spans of more recordings than are kept open are right, too")
    func manyRecordings() throws {
        let folder = try TemporaryFolder()
        let format = try #require(Self.formats.first { $0.name == "a.aac" })
        let path = try Self.encode(format, in: folder)
        let bytes = Array(try #require(FileManager.default.contents(atPath: path)))
        let copies = try (0..<4).map { try folder.write("\($0).aac", bytes) }
        let alone = AudioReader()
        let reader = AudioReader()
        for index in [2, 9, 20] {
            let lane = try Self.read(Self.spans[index], of: path, with: alone)
            for copy in copies {
                #expect(try Self.read(Self.spans[index], of: copy, with: reader) == lane)
            }
        }
    }

    // MARK: -

    private static func read(
        _ span: AudioSource, of path: String, with reader: AudioReader
    ) throws -> [Float] {
        try AudioFixtures.read(
            path, offset: span.offsetSeconds, duration: span.durationSeconds, reader: reader
        ).lanes[0]
    }

    /// Speech under a tone that never stops rising, so that no two places are alike.
    private static func encode(_ format: Format, in folder: TemporaryFolder) throws -> String {
        let path = "\(folder.path)/\(format.name)"
        let tone = "aevalsrc=0.2*sin(2*PI*(200*t+5*t*t)):s=16000:d=\(seconds)"
        try ffmpeg(
            [
                "-stream_loop", "-1", "-i", AudioFixtures.path("formats/s16.au"), "-f", "lavfi",
                "-i", tone, "-filter_complex", "amix=duration=shortest", "-ar", "16000", "-ac", "1",
            ] + format.arguments + [path])
        return path
    }

    private static func ffmpeg(_ arguments: [String]) throws {
        let run = try StartedProcess.run(
            "ffmpeg", ["-nostdin", "-v", "error", "-y"] + arguments)
        try #require(run.status == 0, "ffmpeg \(arguments)")
    }

    private static func error(_ lane: [Float], _ reference: [Float], at start: Int) -> Float {
        stride(from: 0, to: lane.count, by: 5).reduce(0) { sum, index in
            let place = start + index
            let other = reference.indices.contains(place) ? reference[place] : 0
            return sum + (lane[index] - other) * (lane[index] - other)
        }
    }

    /// Within 40 dB of the signal.
    private static func isClose(_ left: [Float], _ right: [Float]) -> Bool {
        guard left.count == right.count else { return false }
        let difference = zip(left, right).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        return difference <= 1e-4 * right.reduce(0) { $0 + $1 * $1 }
    }
}
