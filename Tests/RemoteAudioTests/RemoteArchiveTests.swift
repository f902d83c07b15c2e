import ArchivedAudio
import AudioFormats
import Foundation
import RemoteAudio
import SpeechTypes
import StrictJSON
import TemporaryFolders
import Testing

@Suite("Archives on servers") struct RemoteArchiveTests {
    private let server: SourceServer

    init() throws {
        server = try SourceServer()
        let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Fixtures/archives")
        for name in ["gnu.tar", "deflated.zip"] {
            try server.folder.write(name, Data(contentsOf: fixtures.appending(path: name)))
        }
    }

    private func text(
        _ kind: ArchiveMember.Kind, _ name: String, in archive: String, at place: Range<Int>? = nil,
        by shelf: ArchiveShelf = ArchiveShelf(), _ sources: RemoteSources? = nil
    ) throws -> String {
        let path = PathBytes(archive)
        let source = try (sources ?? server.sources()).archive(at: path, progress: EngineProgress())
        let file = try shelf.file(
            of: ArchiveMember(kind, PathBytes(name), in: path, at: place), in: source,
            progress: EngineProgress())
        return String(decoding: try file.bytes(at: 0, count: file.byteCount + 1), as: UTF8.self)
    }

    @Test("a member whose place is known is one request, of a store as of a web server")
    func placed() throws {
        for (index, archive) in ["s3://bucket/gnu.tar", "http://\(server.host)/plain/gnu.tar"]
            .enumerated()
        {
            // Right behind the headers of the folder and of itself.
            let place = 2_048..<2_059
            #expect(try text(.tar, "sub/b.flac", in: archive, at: place) == "sub/b.flac\n")
            let requests = try server.requests()
            #expect(requests.count == index + 1)
            #expect(requests.last?["range"]?.string == "bytes=1536-2058")
        }
    }

    @Test("headers are read once for all members, and a broken transfer of one goes on")
    func indexed() throws {
        let (shelf, sources) = (ArchiveShelf(), server.sources())
        for name in ["a.wav", "sub/b.flac", "linked.wav", "a.wav"] {
            let content = try text(
                .tar, name, in: "http://\(server.host)/plain/gnu.tar", by: shelf, sources)
            #expect(content == (name == "linked.wav" ? "a.wav" : name) + "\n")
        }
        let requests = try server.requests()
        // The head, what follows it, and each member, of which two are the same bytes.
        #expect(requests.count == 4, "\(requests.map { $0["range"]?.string ?? "" })")
        #expect(requests.dropFirst(2).allSatisfy { $0["if_match"]?.string == "\"1\"" })
        let lines = try text(.zip, "text.wav", in: "http://\(server.host)/plain/deflated.zip")
        #expect(lines.hasSuffix("many lines of text 200\n"))
    }

    @Test("a server that sends no parts is told of, and so is a place that is no more")
    func refusals() throws {
        let error = #expect(throws: AudioError.self) {
            try text(
                .tar, "sub/b.flac", in: "http://\(server.host)/norange/gnu.tar", at: 2_048..<2_059)
        }
        #expect(error?.code == .audioUnsupportedLocation)
        #expect(error?.detail.contains("Range") == true)
        let content = try text(
            .tar, "a.wav", in: "http://\(server.host)/plain/gnu.tar", at: 90_000..<90_006)
        #expect(content == "a.wav\n")
        let denied = #expect(throws: AudioError.self) {
            try text(.tar, "a", in: "s3://other/a.tar")
        }
        #expect(denied?.code == .audioUnsupportedLocation)
    }
}
