import RemoteAudio
import SpeechTypes
import StrictJSON
import TemporaryFolders
import Testing

@Suite("Files that become objects") struct UploadTests {
    private let server: SourceServer

    init() throws { server = try SourceServer() }

    private func put(_ bytes: [UInt8], as key: String) throws -> Int {
        let path = try server.folder.write("local", bytes)
        var sent = 0
        try ObjectUpload(store: server.store, partBytes: 1_000).put(
            path, to: PathBytes("s3://bucket/\(key)")
        ) { sent += $0 }
        return sent
    }

    private func steps() throws -> [String] {
        try server.requests().map { request in
            let path = request["path"]?.string ?? ""
            return (request["method"]?.string ?? "") + path.drop { $0 != "?" }
        }
    }

    @Test("a short file is one request, held against its sum")
    func short() throws {
        for bytes in [[], [1, 2, 3]] as [[UInt8]] {
            #expect(try put(bytes, as: "out/ü +.jsonl") == bytes.count)
            #expect(try server.folder.bytes("ü +.jsonl") == bytes)
        }
        #expect(try steps() == ["PUT", "PUT"])
    }

    @Test(
        "a long one is sent in parts, each again where the store is busy, and is there only as a whole"
    )
    func parts() throws {
        let bytes = Array(SourceServer.bytes.prefix(2_500))
        #expect(try put(bytes, as: "long.jsonl") == 2_500)
        #expect(try server.folder.bytes("long.jsonl") == bytes)
        let id = "uploadId=a%2B%2Fb%3D"
        func part(_ number: Int) -> String { "PUT?partNumber=\(number)&\(id)" }
        #expect(
            try steps() == [
                "POST?uploads=", part(1), part(1), part(2), part(2), part(3), part(3), "POST?\(id)",
            ])
    }

    @Test("keys that expire between two parts are read again, and what was sent stays sent")
    func expiringKeys() throws {
        var short = server.store
        short.sessionToken = "for-two"
        let renewed = server.store
        let bytes = Array(SourceServer.bytes.prefix(2_500))
        let path = try server.folder.write("local", bytes)
        try ObjectUpload(store: short, renewed: { renewed }, partBytes: 1_000).put(
            path, to: "s3://bucket/long.jsonl")
        #expect(try server.folder.bytes("long.jsonl") == bytes)
        #expect(try steps().count { $0.hasPrefix("POST?uploads=") } == 1)
        // Keys that stay as they are, and have expired, are an error with the store's word for it.
        let error = #expect(throws: UploadError.self) {
            try ObjectUpload(store: short, partBytes: 1_000).put(path, to: "s3://bucket/x.jsonl")
        }
        #expect(error?.description.contains("400 ExpiredToken") == true, "\(error as Any)")
    }

    @Test("a store that stays busy is asked six times, and then it is an error")
    func busyWithoutEnd() throws {
        let error = #expect(throws: UploadError.self) { try put([1, 2, 3], as: "busy") }
        #expect(error?.description.contains("503 SlowDown") == true, "\(error as Any)")
        #expect(try steps().count == 6)
    }

    @Test("what is not put together is taken away, and the error says what the store said")
    func refusals() throws {
        let error = #expect(throws: UploadError.self) {
            try put(Array(SourceServer.bytes.prefix(1_500)), as: "refused.jsonl")
        }
        #expect(error?.description.contains("put its parts together") == true)
        #expect(try steps().last == "DELETE?uploadId=a%2B%2Fb%3D")
        var store = server.store
        store.secretKey = "other"
        let path = try server.folder.write("local", "x")
        let denied = #expect(throws: UploadError.self) {
            try ObjectUpload(store: store).put(path, to: "s3://bucket/x")
        }
        #expect(
            denied?.description.contains("403 AccessDenied") == true,
            "\(denied.map { "\($0)" } ?? "")")
        #expect(throws: UploadError.self) { try put([1], as: "folder/") }
    }
}
