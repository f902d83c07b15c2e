import AudioFormats
import Foundation
import RemoteAudio
import SpeechTypes
import StrictJSON
import Testing

@Suite("Recordings that are fetched") struct FetchTests {
    private let server: SourceServer

    init() throws { server = try SourceServer() }

    private func bytes(of address: String, by sources: RemoteSources? = nil) throws -> [UInt8] {
        let file = try (sources ?? server.sources()).file(
            of: PathBytes(address), progress: EngineProgress())
        return try file.bytes(at: 0, count: file.byteCount + 1)
    }

    private func error(of address: String, by sources: RemoteSources? = nil) -> AudioError? {
        #expect(throws: AudioError.self) { try bytes(of: address, by: sources) }
    }

    @Test(
        "the bytes are the object's, whatever happens on the way",
        arguments: ["plain", "broken", "norange", "busy", "changing", "near"])
    func content(kind: String) throws {
        #expect(
            try bytes(of: "http://\(server.host)/\(kind)/\(SourceServer.name)")
                == SourceServer.bytes)
        let requests = try server.requests()
        #expect(
            requests.count == ["plain": 1, "busy": 3, "changing": 3][kind] ?? 2,
            "\(requests.count)")
        let ranges = requests.compactMap { $0["range"]?.string }
        let half = SourceServer.bytes.count / 2
        #expect(
            ranges == (["broken", "norange", "changing"].contains(kind) ? ["bytes=\(half)-"] : []))
    }

    @Test("a key of an object store is signed as it is, with whatever bytes it has")
    func objectStore() throws {
        let key = "s3://bucket/talks/../a//a b+é.raw"
        #expect(try bytes(of: key) == SourceServer.bytes)
        let request = try #require(try server.requests().last)
        #expect(request["path"]?.string == "/bucket/talks/../a//a%20b%2B%C3%A9.raw")
        #expect(request["token"]?.string == "for-an-hour")
        var store = ObjectStore()
        store.endpoint = "http://\(server.host)"
        let pattern = try #require(SourcePattern("s3://bucket/"))
        let unsigned = error(of: key, by: RemoteSources([pattern], store: store))
        #expect(unsigned?.failureClass == .source)
        #expect(unsigned?.detail.contains("~/.aws/credentials") == true)
    }

    @Test("a version of an object, and who pays, are said in the signed request")
    func versions() throws {
        var store = server.store
        store.paysForRequests = true
        let sources = RemoteSources([try #require(SourcePattern("s3://bucket/"))], store: store)
        let key = "s3://bucket/talks/a b+é.raw"
        #expect(try bytes(of: "\(key)?versionId=3sL4k.q_1-x", by: sources) == SourceServer.bytes)
        let request = try #require(try server.requests().last)
        #expect(request["path"]?.string == "/bucket/talks/a%20b%2B%C3%A9.raw?versionId=3sL4k.q_1-x")
        #expect(request["payer"]?.string == "requester")
        // What is no version is a part of the key.
        _ = try? bytes(of: "\(key)?versionId=", by: sources)
        let other = try #require(try server.requests().last)
        #expect(other["path"]?.string?.hasSuffix("raw%3FversionId%3D") == true)
        _ = try? bytes(of: key)
        #expect(try server.requests().last?["payer"]?.string == nil)
    }

    @Test("a store that wants it has the bucket in the name of the host")
    func bucketInHost() throws {
        var store = server.store
        // Every name below localhost is this machine.
        let port = try #require(server.host.split(separator: ":").last)
        store.endpoint = "http://localhost:\(port)"
        store.namesBucketInHost = true
        let sources = RemoteSources([try #require(SourcePattern("s3://bucket/"))], store: store)
        #expect(try bytes(of: "s3://bucket/talks/a b+é.raw", by: sources) == SourceServer.bytes)
        let request = try #require(try server.requests().last)
        #expect(request["path"]?.string == "/talks/a%20b%2B%C3%A9.raw")
        #expect(request["host"]?.string == "bucket.localhost:\(port)")
    }

    @Test(
        "keys that have expired are read again, and refuse no row: another try may find better ones",
        arguments: [true, false])
    func expiry(areRenewed: Bool) throws {
        var expired = server.store
        expired.sessionToken = "expired"
        let fresh = areRenewed ? server.store : expired
        let pattern = try #require(SourcePattern("s3://bucket/"))
        let sources = RemoteSources([pattern], store: expired, renewed: { fresh })
        let key = "s3://bucket/talks/a b+é.raw"
        guard areRenewed else {
            let failure = error(of: key, by: sources)
            #expect(failure?.failureClass == .source && failure?.code == .quarantinedSource)
            #expect(failure?.detail.contains("(400)") == true)
            #expect(failure?.detail.contains("expired") == true)
            #expect(try server.requests().count == 1)
            return
        }
        #expect(try bytes(of: key, by: sources) == SourceServer.bytes)
        #expect(try bytes(of: "s3://bucket/talks/b/../a b+é.raw", by: sources).count > 0)
        let tokens = try server.requests().map { $0["token"]?.string }
        #expect(
            tokens == ["expired", "for-an-hour", "for-an-hour"], "refused keys are not used again")
    }

    @Test("the rows of a recording are one request, also where many ask at once")
    func once() throws {
        let sources = server.sources()
        let address = PathBytes("http://\(server.host)/plain/\(SourceServer.name)")
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            let file = try? sources.file(of: address, progress: nil)
            #expect(file?.byteCount == SourceServer.bytes.count)
        }
        #expect(try server.requests().count == 1)
    }

    @Test("what is not there is the row's fault, and what may pass is the source's")
    func failures() throws {
        let missing = error(of: "http://\(server.host)/plain/none.wav?key=secret")
        #expect(missing?.code == .audioNotFound)
        #expect(missing?.detail.contains("secret") == false)
        #expect(missing?.path.contains("secret") == false)
        let refused = error(of: "http://\(server.host)/refused/x")
        #expect(refused?.failureClass == .source)
        let busy = error(of: "http://\(server.host)/always-busy/x")
        #expect(busy?.failureClass == .source)
        #expect(busy?.detail.contains("503") == true)
        #expect(try server.requests().count == 8)
    }

    @Test(
        "nothing is fetched that is not allowed, wherever a server leads, and nothing of this machine"
    )
    func denial() throws {
        let other = error(of: "http://localhost:\(server.host.split(separator: ":")[1])/plain/x")
        #expect(other?.code == .audioUnsupportedLocation)
        #expect(other?.detail.contains("--allow-source") == true)
        #expect(error(of: "s3://other/x")?.code == .audioUnsupportedLocation)
        #expect(try server.requests().isEmpty)
        let away = error(of: "http://\(server.host)/away/\(SourceServer.name)")
        #expect(away?.code == .audioUnsupportedLocation)
        #expect(try server.requests().count == 1)
        // Any host may be asked, but this machine only if it is named.
        let any = try #require(SourcePattern("http://*"))
        let near = error(
            of: "http://\(server.host)/plain/\(SourceServer.name)",
            by: RemoteSources([any], store: ObjectStore()))
        #expect(near?.code == .audioUnsupportedLocation)
        #expect(near?.detail.contains("this machine") == true)
        #expect(try server.requests().count == 1)
    }
}
