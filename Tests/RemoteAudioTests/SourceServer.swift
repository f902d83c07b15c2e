internal import Foundation
internal import LoopbackServers
internal import RemoteAudio
internal import SpeechTypes
internal import StrictJSON
internal import TemporaryFolders
internal import Testing

/// `Tests/Fixtures/http/source_server.py`, with files to serve, running as long as this lives.
final class SourceServer {
    let folder: TemporaryFolder
    private let server: LoopbackServer

    /// Of the one file, `a b+é.raw`.
    static let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }
    static let name = "a%20b+%C3%A9.raw"

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("a b+é.raw", Self.bytes)
        server = try LoopbackServer(
            "http/source_server.py", [folder.path, "\(folder.path)/requests"])
    }

    var host: String { "127.0.0.1:\(server.port)" }

    /// What the server was asked, in order.
    func requests() throws -> [JSONObject] {
        guard FileManager.default.fileExists(atPath: folder.file("requests")) else { return [] }
        return try folder.bytes("requests").split(separator: 0x0A).map { line in
            try #require(try JSONParser.parse(Array(line)).object)
        }
    }

    var store: ObjectStore {
        var store = ObjectStore()
        store.endpoint = "http://\(host)"
        store.region = "here-1"
        store.accessKey = "bench:tester"
        store.secretKey = "testing"
        store.sessionToken = "for-an-hour"
        return store
    }

    /// Sources that this server is one of.
    func sources(_ more: [String] = []) -> RemoteSources {
        var hub = DatasetHub()
        hub.endpoint = "http://\(host)"
        hub.token = "hf-token"
        return RemoteSources(
            (["http://\(host)/", "s3://bucket/", "hf://datasets/o/n/"] + more).compactMap {
                SourcePattern($0)
            },
            store: store, hub: hub)
    }
}
