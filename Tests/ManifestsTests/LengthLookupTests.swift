import Foundation
import Manifests
import SpeechTypes
import TemporaryFolders
import Testing
import Threading

@Suite("How long rows are planned to be")
struct LengthLookupTests {
    /// What was asked for.
    private final class Asked: Sendable {
        let files = Guarded<[String]>([])
    }

    private func index(
        _ rows: [String], isEachChannel: Bool = false, asked: Asked = Asked(),
        lengths: [String: RecordingLength]
    ) throws -> IndexedManifest {
        let folder = try TemporaryFolder()
        for name in lengths.keys {
            try folder.write(name, [UInt8](repeating: 0, count: 3_200))
        }
        try folder.write("unknown.wav", [UInt8](repeating: 0, count: 64_000))
        let path = try folder.write(
            "m.jsonl", Array(rows.map { $0 + "\n" }.joined().utf8))
        let prefix = folder.path.count + 1
        let lookup = LengthLookup(isEachChannel: isEachChannel) { file in
            let name = String(file.text.dropFirst(prefix))
            asked.files.withLock { $0.append(name) }
            return lengths[name]
        }
        return try IndexedManifest(
            path: path, index: "\(folder.path)/index", folder: folder.path, lookup: lookup)
    }

    private func row(_ name: String, _ rest: String = "") -> String {
        "{\"audio_filepath\":\"\(name)\"\(rest)}"
    }

    @Test("headers say it where rows do not; sizes where headers do not; else a guess")
    func sources() throws {
        let manifest = try index(
            [
                row("a.gsm"), row("a.gsm", ",\"offset\":3000"), row("unknown.wav"),
                row("elsewhere.wav"),
            ],
            lengths: ["a.gsm": RecordingLength(seconds: 28_800, channels: 2)])
        #expect(
            (0..<4).map(manifest.index.milliseconds(of:))
                == [28_800_000, 25_800_000, 2_000, 10_000])
        #expect((0..<4).allSatisfy { manifest.index.lanes(of: $0) == 1 })
        #expect((0..<4).map(manifest.index.ordinal(atRank:)) == [0, 1, 3, 2])
    }

    @Test("placeholders and spans beyond the end are corrected; what is believable stays")
    func corrections() throws {
        let lengths = ["a.wav": RecordingLength(seconds: 9, channels: 1)]
        let manifest = try index(
            [
                row("a.wav", ",\"duration\":100000"), row("a.wav", ",\"duration\":3600"),
                row("a.wav", ",\"duration\":4.5"), row("unknown.wav", ",\"duration\":100000"),
                row("elsewhere.wav", ",\"duration\":100000"),
                row("elsewhere.wav", ",\"duration\":7200"),
                row("a.wav", ",\"offset\":20,\"duration\":60"),
            ], lengths: lengths)
        #expect(
            (0..<7).map(manifest.index.milliseconds(of:))
                == [9_000, 9_000, 4_500, 2_000, 10_000, 7_200_000, 0])
        #expect(manifest.totalMilliseconds == 7_234_500)
    }

    @Test("channels multiply the work where each is transcribed, and its order, not the hours")
    func channels() throws {
        let rows = [row("mono.wav"), row("eight.wav")]
        let lengths = [
            "mono.wav": RecordingLength(seconds: 1_000, channels: 1),
            "eight.wav": RecordingLength(seconds: 600, channels: 8),
        ]
        let each = try index(rows, isEachChannel: true, lengths: lengths)
        #expect((0..<2).map(each.index.lanes(of:)) == [1, 8])
        #expect((0..<2).map(each.index.ordinal(atRank:)) == [1, 0])
        #expect(each.totalMilliseconds == 1_600_000)
        #expect(each.totalWorkMilliseconds == 1_000_000 + 8 * 600_000)
        let mix = try index(rows, lengths: lengths)
        #expect((0..<2).map(mix.index.ordinal(atRank:)) == [0, 1])
        #expect(mix.totalWorkMilliseconds == 1_600_000)
    }

    @Test("rows that say how long they are, and not very long, cost no look at a file")
    func untouched() throws {
        let asked = Asked()
        let manifest = try index(
            (0..<5_000).map { row("a.wav", ",\"offset\":\($0),\"duration\":12.5") }
                + [row("a.wav", ",\"duration\":90")],
            asked: asked, lengths: ["a.wav": RecordingLength(seconds: 6_000, channels: 1)])
        #expect(asked.files.withLock { $0 } == ["a.wav"])
        #expect(manifest.totalMilliseconds == 5_000 * 12_500 + 90_000)
    }

    @Test("many files at once are planned as one after the other")
    func parallel() throws {
        let names = (0..<5_000).map { "f\($0).wav" }
        let lengths = Dictionary(
            uniqueKeysWithValues: names.enumerated().map {
                ($1, RecordingLength(seconds: Double($0 % 700), channels: 1))
            })
        let manifest = try index(names.map { row($0) }, lengths: lengths)
        #expect(
            (0..<5_000).map(manifest.index.milliseconds(of:))
                == (0..<5_000).map { $0 % 700 * 1_000 })
    }
}
