import AudioDecoding
import AudioFormats
import AudioInput
import Foundation
import Glibc
import SpeechTypes
import TemporaryFolders
import Testing
import Threading

@Suite("A shared decoder that gives nothing") struct StalledDecoderTests {
    private let path = AudioFixtures.path("formats/aac_lc.m4a")

    /// A span on a thread of its own, and how it ended.
    private final class Span: Sendable {
        private let failure = Guarded<AudioError?>(nil)
        private let ended = DispatchSemaphore(value: 0)

        init(_ path: String, offset: Double, reader: AudioReader) {
            Thread.detachNewThread { [self] in
                let error = AudioFixtures.failure(
                    path, offset: offset, duration: 0.25, reader: reader)
                failure.withLock { $0 = error }
                ended.signal()
            }
        }

        /// Waits for its end.
        func error() -> AudioError? {
            ended.wait()
            return failure.withLock { $0 }
        }
    }

    private func lane(_ offset: Double, _ reader: AudioReader) throws -> [Float] {
        try AudioFixtures.read(path, offset: offset, duration: 0.25, reader: reader).lanes[0]
    }

    @Test(
        "spans that wait for it begin another, and its late end disturbs nobody",
        arguments: [false, true])
    func stalled(answers: Bool) throws {
        let folder = try TemporaryFolder()
        let tool = "\(folder.path)/tool"
        #expect(symlink(AudioFixtures.path("tools/first-hangs"), tool) == 0)
        if answers { _ = try folder.write("answers", []) }
        var limits = AudioLimits()
        limits.sharedDecoderStallSeconds = 0.3
        let reader = AudioReader(limits: limits, ffmpeg: tool)
        let alone = AudioReader()

        let stalled = Span(path, offset: 0.5, reader: reader)
        // It has the recording once its decoder is started.
        while !FileManager.default.fileExists(atPath: "\(folder.path)/first") { usleep(1_000) }
        #expect(try lane(1, reader) == lane(1, alone))
        // The second decoder is shared in its turn.
        #expect(try lane(1.5, reader) == lane(1.5, alone))
        let decoded = reader.decodedFrameCount

        _ = try folder.write("release", [])
        #expect(stalled.error() != nil)
        #expect(try lane(2, reader) == lane(2, alone))
        // Not from the start again: the recording was not given back by the one that had lost it.
        #expect(reader.decodedFrameCount - decoded < decoded)
    }
}
