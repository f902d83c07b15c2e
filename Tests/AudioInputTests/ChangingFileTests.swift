import AudioFormats
import AudioInput
import Foundation
import Glibc
import SpeechTypes
import TemporaryFolders
import Testing

/// What a recorder that still writes, or a copy that overwrites, does to a file that is being read.
@Suite("Files that change while they are read") struct ChangingFileTests {
    /// Longer than any decoder reads ahead.
    private static let samples = (0..<2_000_000).map { Int16(truncatingIfNeeded: $0 &* 7_919) }
    private static let wave = WAVFile.pcm16(samples, rate: 16_000)

    /// Opens the file, reads a little, lets `change` happen, and reads the rest.
    private static func read(
        _ path: String, _ change: () throws -> Void
    ) throws -> (frames: Int, lane: [Float], summary: AudioSummary?) {
        let stream = try AudioReader().open(AudioSource(path: path), channels: .mix)
        var lanes: [[Float]] = [[]]
        var frames = try stream.read(1_000, into: &lanes)
        try change()
        while true {
            let got = try stream.read(50_000, into: &lanes)
            if got == 0 { break }
            frames += got
        }
        return (frames, lanes[0], stream.summary)
    }

    @Test("one that is cut short is told from a whole one")
    func truncated() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("a.wav", Self.wave)
        let half = Self.wave.count / 2
        let end = try Self.read(path) { #expect(truncate(path, off_t(half)) == 0) }
        #expect(end.frames < Self.samples.count)
        #expect(end.summary?.warnings.contains { $0.contains("cut short") } == true)
    }

    @Test("one that is replaced is read to its end as it was")
    func replaced() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("a.wav", Self.wave)
        let other = try folder.write("b.wav", Array(repeating: 0x55, count: 100))
        let calm = try Self.read(path) {}
        let end = try Self.read(path) { #expect(rename(other, path) == 0) }
        #expect(end.frames == Self.samples.count)
        #expect(end.lane == calm.lane)
        #expect(end.summary?.digest == calm.summary?.digest)
    }

    @Test("one that grows has the length that its header said")
    func growing() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("a.wav", Self.wave)
        let end = try Self.read(path) {
            let file = try FileHandle(forWritingTo: URL(filePath: path))
            try file.seekToEnd()
            try file.write(contentsOf: Data(repeating: 1, count: 1 << 20))
            try file.close()
        }
        #expect(end.frames == Self.samples.count)
    }

    @Test("one whose samples turn to zeros under the reader ends in samples or in an error")
    func overwritten() throws {
        let folder = try TemporaryFolder()
        let bytes = try #require(
            FileManager.default.contents(atPath: AudioFixtures.path("formats/opus_voip_12k.opus")))
        let path = try folder.write("a.opus", Array(bytes))
        let zeros = Data(repeating: 0, count: bytes.count / 2)
        do {
            _ = try Self.read(path) {
                let file = try FileHandle(forWritingTo: URL(filePath: path))
                try file.seek(toOffset: UInt64(bytes.count / 2))
                try file.write(contentsOf: zeros)
                try file.close()
            }
        } catch let error as AudioError {
            #expect(error.code == .audioDamaged)
        }
    }
}
