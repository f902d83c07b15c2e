import ArchivedAudio
import AudioFormats
import Foundation
import InputForms
import SpeechTypes
import TemporaryFolders
import Testing

@Suite("Archives as inputs, and manifests of their members") struct ArchiveInputTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func rows(_ inputs: [String], tars: [String] = []) throws -> [String] {
        let resolver = InputResolver(
            inputs.map { PathBytes(folder.file($0)) },
            tars: tars.map { PathBytes(folder.file($0)) },
            sources: InputSources(shelf: ArchiveShelf()) { path throws(AudioError) in
                ArchiveFile(try AudioFile(opening: path))
            })
        guard case .rows(let rows, _) = try resolver.resolve() else { throw NotRows() }
        var lines: [String] = []
        try rows.forEachRow { lines.append(String(decoding: $0, as: UTF8.self)) }
        return lines.map { $0.replacing("\\/", with: "/").replacing(folder.path, with: "F") }
    }

    private func tar(_ name: String, _ members: [(String, String)]) throws {
        for (member, content) in members { try folder.write("in/\(member)", content) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["tar", "-C", folder.file("in"), "-cf", folder.file(name)] + members.map(\.0)
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    @Test("rows of NeMo's shards name the places of their members, each in the shard of its number")
    func sharded() throws {
        try tar("audio_0.tar", [("a.wav", "A")])
        try tar("audio_1.tar", [("b.wav", "BB"), ("c.wav", "CCC")])
        let lines = [
            #"{"audio_filepath": "a.wav", "text": "x", "shard_id": 0}"#,
            #"{"audio_filepath": "c.wav", "shard_id": 1}"#,
            #"{"audio_filepath": "c-sub2.wav", "offset": 1.5, "shard_id": 1}"#,
            #"{"audio_filepath": "none.wav", "shard_id": 1}"#,
        ]
        let expected = [
            #"{"audio_filepath": "tar://a.wav::F/audio_0.tar:512:1", "text": "x", "shard_id": 0}"#,
            #"{"audio_filepath": "tar://c.wav::F/audio_1.tar:1536:3", "shard_id": 1}"#,
            #"{"audio_filepath": "tar://c.wav::F/audio_1.tar:1536:3", "offset": 1.5, "shard_id": 1}"#,
            #"{"audio_filepath": "tar://none.wav::F/audio_1.tar", "shard_id": 1}"#,
        ]
        try folder.write("tarred_audio_manifest.json", lines.joined(separator: "\n"))
        #expect(try rows(["tarred_audio_manifest.json"]) == expected)
        // A shard's own manifest, in the folder that NeMo puts it into; one range of both, in braces.
        try folder.write("sharded_manifests/manifest_0.json", lines[0])
        try folder.write("sharded_manifests/manifest_1.json", lines[1])
        #expect(
            try rows(["sharded_manifests/manifest__OP_0..1_CL_.json"]) == Array(expected[0...1]))
    }

    @Test("archives can be named, also for rows that do not say which shard they are of")
    func named() throws {
        try folder.write("x/other.txt")
        try tar("x/audio_0.tar", [("a.wav", "A")])
        try tar("x/audio_1.tar", [("b.wav", "BB")])
        try folder.write("rows.jsonl", #"{"audio_filepath":"b.wav"}"#)
        let row = [#"{"audio_filepath":"tar://b.wav::F/x/audio_1.tar:512:2"}"#]
        for tars in [["x/audio_{0..1}.tar"], ["x/audio__OP_0..1_CL_.tar"], ["x/audio_*.tar"]] {
            #expect(try rows(["rows.jsonl"], tars: tars) == row)
        }
        try folder.write("manifest_1.json", #"{"audio_filepath":"b.wav"}"#)
        #expect(try rows(["manifest_1.json"], tars: ["x/audio_{0..1}.tar"]) == row)
    }

    @Test("recordings of an archive are rows, with what WebDataset has beside them")
    func webDataset() throws {
        try tar(
            "shard.tar",
            [
                ("d/1.flac", "F"), ("d/1.txt", "one\n"), ("2.wav", "W"),
                ("2.json", "{\n\"text\":\"two\",\"lang\":\"en\",\"duration\":3}"), ("3.cls", "7"),
                ("4.mp3", "M"),
            ])
        #expect(
            try rows(["shard.tar"]) == [
                #"{"audio_filepath":"tar://d/1.flac::F/shard.tar:512:1","text":"one","id":"d/1"}"#,
                #"{"audio_filepath":"tar://2.wav::F/shard.tar:2560:1","text":"two","id":"2","language":"en","#
                    + #""source_duration":3}"#,
                #"{"audio_filepath":"tar://4.mp3::F/shard.tar:5632:1","id":"4"}"#,
            ])
    }

    @Test("members of zip archives keep their names")
    func zip() throws {
        let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Fixtures/archives/stored.zip")
        try folder.write("a.zip", Data(contentsOf: fixtures))
        #expect(
            try rows(["a.zip"]) == [
                #"{"audio_filepath":"zip://a.wav::F/a.zip","id":"a"}"#,
                #"{"audio_filepath":"zip://sub/b.flac::F/a.zip","id":"sub/b"}"#,
                #"{"audio_filepath":"zip://é.wav::F/a.zip","id":"é"}"#,
                #"{"audio_filepath":"zip://empty.wav::F/a.zip","id":"empty"}"#,
            ])
    }
}
