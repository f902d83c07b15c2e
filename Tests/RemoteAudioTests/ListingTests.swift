import AudioFormats
import RemoteAudio
import SpeechTypes
import StrictJSON
import TemporaryFolders
import Testing

@Suite("What is below an address") struct ListingTests {
    private let server: SourceServer

    init() throws {
        server = try SourceServer()
        for name in ["1.wav", "ä&<é>.wav", "z.txt"] { try server.folder.write(name, [1, 2]) }
    }

    private func addresses(below address: String) throws -> [String] {
        var found: [String] = []
        try server.sources().forEachObject(below: PathBytes(address)) { entry in
            found.append(entry.address.text)
        }
        return found
    }

    @Test("all pages of a bucket are read, in the order of keys, whatever the keys are")
    func bucket() throws {
        let all = ["", "1.wav", "a b+é.raw", "requests", "z.txt", "ä&<é>.wav"]
        #expect(try addresses(below: "s3://bucket/talks/") == all.map { "s3://bucket/talks/" + $0 })
        // What is listed is what can be fetched.
        let file = try server.sources().file(
            of: "s3://bucket/talks/a b+é.raw", progress: EngineProgress())
        #expect(file.byteCount == SourceServer.bytes.count)
        #expect(try addresses(below: "s3://bucket/talks/ä") == ["s3://bucket/talks/ä&<é>.wav"])
        #expect(try addresses(below: "s3://bucket/none/").isEmpty)
    }

    @Test(
        "a data set is listed at the commit that its branch has, and its files are fetched where the hub says"
    )
    func dataset() throws {
        let all = ["1.wav", "a b+é.raw", "requests", "z.txt", "ä&<é>.wav"]
        let set = "hf://datasets/o/n@c0ffee/d/"
        #expect(try addresses(below: "hf://datasets/o/n/d/") == all.map { set + $0 })
        let file = try server.sources().file(
            of: PathBytes(set + "a b+é.raw"), progress: EngineProgress())
        #expect(try file.bytes(at: 0, count: file.byteCount + 1) == SourceServer.bytes)
        let paths = try server.requests().compactMap { $0["path"]?.string }
        #expect(
            paths.suffix(2).map { String($0) } == [
                "/datasets/o/n/resolve/c0ffee/d/a%20b%2B%C3%A9.raw", "/cdn/a%20b%2B%C3%A9.raw",
            ])
    }

    @Test("what may not be listed is refused before anything is asked")
    func refusals() throws {
        for address in ["s3://other/", "hf://datasets/o/m/", "http://\(server.host)/"] {
            let error = #expect(throws: AudioError.self) { try addresses(below: address) }
            #expect(error?.code == .audioUnsupportedLocation)
        }
        #expect(try server.requests().isEmpty)
        let missing = #expect(throws: AudioError.self) {
            try addresses(below: "hf://datasets/o/n@gone/")
        }
        #expect(missing?.code == .audioNotFound)
    }

    @Test("a pattern of a data set is for all its revisions, and one of a revision for that alone")
    func patterns() throws {
        let set = try #require(SourcePattern("hf://datasets/o/n/"))
        let one = try #require(SourcePattern("hf://datasets/o/n@v1/"))
        let owner = try #require(SourcePattern("hf://datasets/o/"))
        let file = try #require(RemoteAddress("hf://datasets/o/n@v1/a.wav"))
        let other = try #require(RemoteAddress("hf://datasets/o/n@v2/a.wav"))
        let plain = try #require(RemoteAddress("hf://datasets/o/n/a.wav"))
        #expect([file, other, plain].map(set.admits) == [true, true, true])
        #expect([file, other, plain].map(one.admits) == [true, false, false])
        #expect([file, other, plain].map(owner.admits) == [true, true, true])
        for text in [
            "hf://models/o/n/a", "hf://datasets/o", "hf://datasets/../n/a",
            "hf://datasets/o/n@../a",
        ] {
            #expect(RemoteAddress(PathBytes(text)) == nil, "\(text)")
        }
    }
}
