import DuplicateAudio
import Foundation
import Manifests
import TemporaryFolders
import Testing

@Suite("Rows that ask for the same audio")
struct DuplicateAudioFinderTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func manifest(_ rows: [String]) throws -> IndexedManifest {
        let path = try folder.write("rows.jsonl", rows.map { $0 + "\n" }.joined())
        return try IndexedManifest(
            path: path, index: "\(folder.path)/index", folder: folder.path, looksUpSizes: false)
    }

    private func pairs(_ rows: [String]) throws -> [[Int]] {
        var finder = DuplicateAudioFinder(try manifest(rows))
        return try finder.pairs().map { [$0.first, $0.duplicate] }
    }

    @Test("rows of different channels share nothing where rows choose their channels")
    func channels() throws {
        try folder.write("a.wav", "audio")
        let rows = [0, 1, 0].map { "{\"audio_filepath\":\"a.wav\",\"channel\":\($0)}" }
        var finder = DuplicateAudioFinder(try manifest(rows), byChannel: true)
        #expect(try finder.pairs().map { [$0.first, $0.duplicate] } == [[0, 2]])
        #expect(try pairs(rows) == [[0, 1], [0, 2]])
    }

    @Test("the same bytes under any name, and the same span of them")
    func sameBytes() throws {
        try folder.write("a.wav", "audio one")
        try folder.write("b/copy.wav", "audio one")
        try folder.write("other.wav", "audio two")
        try FileManager.default.createSymbolicLink(
            atPath: "\(folder.path)/link.wav", withDestinationPath: "a.wav")
        let rows = [
            "{\"audio_filepath\":\"other.wav\"}",
            "{\"audio_filepath\":\"a.wav\",\"speaker\":1}",
            "{\"audio_filepath\":\"b/copy.wav\"}",
            "{\"audio_filepath\":\"a.wav\",\"offset\":1}",
            "{\"audio_filepath\":\"\(folder.path)/link.wav\"}",
            "{\"audio_filepath\":\"b/copy.wav\",\"offset\":1.0,\"text\":\"X\"}",
            "{\"audio_filepath\":\"a.wav\",\"offset\":1,\"duration\":2}",
            "{\"audio_filepath\":\"a.wav\",\"offset\":0}",
        ]
        #expect(try pairs(rows) == [[1, 2], [1, 4], [3, 5], [1, 7]])
    }

    @Test("a row that states no duration is no twin of one that states null: its record gets one")
    func durations() throws {
        try folder.write("a.wav", "audio")
        #expect(
            try pairs([
                "{\"audio_filepath\":\"a.wav\"}",
                "{\"audio_filepath\":\"a.wav\",\"duration\":null}",
                "{\"audio_filepath\":\"a.wav\",\"duration\":null,\"n\":1}",
            ]) == [[1, 2]])
    }

    @Test("names that look alike are names of two files, here and elsewhere")
    func lookAlikes() throws {
        let (composed, decomposed) = ("\u{E9}.wav", "e\u{301}.wav")
        let rows = [composed, decomposed, composed].map { "{\"audio_filepath\":\"/x/\($0)\"}" }
        #expect(try pairs(rows) == [[0, 2]])
        let bytes = ["6Q==", "6A==", "6Q=="].map {
            "{\"audio_filepath\":\"\u{FFFD}\",\"audio_filepath_bytes\":\"\($0)\"}"
        }
        #expect(try pairs(bytes) == [[0, 2]])
    }

    @Test("files that are not here are twins by their path; what is no file has none")
    func elsewhere() throws {
        try FileManager.default.createDirectory(
            atPath: "\(folder.path)/d.wav", withIntermediateDirectories: true)
        let rows = [
            "{\"audio_filepath\":\"/nowhere/a.wav\"}", "{\"audio_filepath\":\"/nowhere/b.wav\"}",
            "{\"audio_filepath\":\"/nowhere/a.wav\"}", "{\"audio_filepath\":\"d.wav\"}",
            "{\"audio_filepath\":\"d.wav\"}", "not json", "not json",
        ]
        #expect(try pairs(rows) == [[0, 2]])
    }

    @Test("pairs that were kept are read again, for their manifest only, and never if damaged")
    func kept() throws {
        try folder.write("a.wav", "audio")
        let row = "{\"audio_filepath\":\"a.wav\"}"
        let first = try manifest([row, row, row])
        let path = "\(folder.path)/twins"
        #expect(try DuplicateRowsFile.read(path, of: first) == nil)
        var finder = DuplicateAudioFinder(first)
        let found = try finder.pairs()
        try DuplicateRowsFile.write(found, of: first, to: path)
        let again = try #require(try DuplicateRowsFile.read(path, of: first))
        #expect(again.map { [$0.first, $0.duplicate] } == [[0, 1], [0, 2]])
        var bytes = try Data(contentsOf: URL(filePath: path))
        for index in [0, 8, 20, bytes.count - 1] {
            bytes[index] ^= 0xFF
            try bytes.write(to: URL(filePath: path))
            #expect(try DuplicateRowsFile.read(path, of: first) == nil, "byte \(index)")
            bytes[index] ^= 0xFF
        }
        for cut in 0..<bytes.count {
            try bytes.prefix(cut).write(to: URL(filePath: path))
            #expect(try DuplicateRowsFile.read(path, of: first) == nil, "cut at \(cut)")
        }
        for more in 1...16 {
            try (bytes + Data(repeating: 0, count: more)).write(to: URL(filePath: path))
            #expect(try DuplicateRowsFile.read(path, of: first) == nil, "\(more) bytes more")
        }
        try bytes.write(to: URL(filePath: path))
        #expect(try DuplicateRowsFile.read(path, of: manifest([row, row])) == nil)
    }
}
