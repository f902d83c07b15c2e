import AudioInput
import Digests
import Foundation
import JobVerification
import Manifests
import Provenance
import SpeechTypes
import TemporaryFolders
import Testing

@Suite("Audio held against what was recorded")
struct AudioTests {
    private let folder: TemporaryFolder
    private static let formats = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/audio/formats").path
    private static let names = ["s16_11025.wav", "s16_8k.flac", "u8_8k.wav", "opus_voip_12k.opus"]

    init() throws { folder = try TemporaryFolder() }

    /// Rows that name copies of recordings, and the digests of their audio as it is now.
    private func rows() throws -> (rows: IndexedManifest, digests: [ShortDigest]) {
        for name in Self.names {
            try FileManager.default.copyItem(
                atPath: "\(Self.formats)/\(name)", toPath: folder.file(name))
        }
        let lines = Self.names.map { "{\"audio_filepath\":\"\($0)\"}\n" }
        let manifest = try IndexedManifest(
            path: folder.write("rows.jsonl", lines.joined()), index: folder.file("index"),
            folder: folder.path, looksUpSizes: false)
        let digests = try Self.names.map { name in
            let stream = try AudioReader().open(
                AudioSource(path: folder.file(name)), channels: .mix)
            var samples = [[Float]](repeating: [], count: stream.laneCount)
            while try stream.read(1 << 16, into: &samples) > 0 {}
            return try #require(stream.summary).digest
        }
        return (manifest, digests)
    }

    @Test("files that are what they were are all read, and none differs")
    func untouched() throws {
        let (rows, digests) = try rows()
        let result = try AudioComparison(rows, .mix, RowDigests(audio: digests)).run(threads: 3)
        #expect(result.rowsRead == 4 && result.differences.isEmpty)
    }

    @Test(
        "other audio under the same name differs, a file that is gone is said to be, and rows without audio are passed over"
    )
    func changed() throws {
        var (rows, digests) = try rows()
        try FileManager.default.removeItem(atPath: folder.file(Self.names[0]))
        try FileManager.default.copyItem(
            atPath: folder.file(Self.names[2]), toPath: folder.file(Self.names[0]))
        try FileManager.default.removeItem(atPath: folder.file(Self.names[1]))
        digests[3] = .zero
        let result = try AudioComparison(rows, .mix, RowDigests(audio: digests)).run(threads: 2)
        #expect(result.rowsRead == 3)
        #expect(result.differences.map(\.row) == [0, 1])
        #expect(result.differences.first?.text.contains("decodes to other audio") == true)
        #expect(result.differences.last?.text.contains("audio.not_found") == true)
    }
}
