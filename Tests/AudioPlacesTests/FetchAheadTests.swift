import AudioFormats
import AudioPlaces
import Foundation
import LoopbackServers
import RemoteAudio
import SpeechTypes
import StrictJSON
import TemporaryFolders
import Testing
import Threading

@Suite("Objects that are fetched before their rows' turn") struct FetchAheadTests {
    private let folder: TemporaryFolder
    private let server: LoopbackServer
    private let sources: RemoteSources

    init() throws {
        folder = try TemporaryFolder()
        for number in 0..<6 { try folder.write("\(number).raw", "sound \(number)") }
        server = try LoopbackServer(
            "http/source_server.py", [folder.path, "\(folder.path)/requests"])
        let pattern = try #require(SourcePattern("\(server.endpoint)/"))
        sources = RemoteSources([pattern], store: ObjectStore())
    }

    /// Rows that wait, as a worker's session has them.
    private final class Inbox: RowInbox {
        private let state = Guarded((rows: [RowTask](), version: 0, isClosed: false))

        func set(_ rows: [RowTask]) {
            state.withLock { state in
                state.rows = rows
                state.version += 1
            }
        }

        func close() { state.withLock { $0.isClosed = true } }
        func next() -> RowTask? { nil }
        func nextIfAvailable() -> RowTask? { nil }

        func upcoming(_ count: Int, after version: Int) -> UpcomingRows? {
            state.wait { state -> UpcomingRows?? in
                if state.isClosed { return .some(nil) }
                guard state.version != version else { return nil }
                return UpcomingRows(rows: Array(state.rows.prefix(count)), version: state.version)
            }
        }
    }

    private func address(_ number: Int, _ kind: String = "plain") -> String {
        "\(server.endpoint)/\(kind)/\(number).raw"
    }

    private func task(_ ordinal: Int, _ address: String) -> RowTask {
        RowTask(
            ordinal: ordinal, raw: Array("{\"audio_filepath\":\"\(address)\"}".utf8),
            isAlone: false)
    }

    private func requests() throws -> [String] {
        guard FileManager.default.fileExists(atPath: folder.file("requests")) else { return [] }
        return try folder.bytes("requests").split(separator: 0x0A).compactMap {
            try JSONParser.parse(Array($0)).object?["path"]?.string
        }
    }

    /// Looks again and again, since a server's list of requests tells nobody that it has grown; for two minutes, since
    /// a machine may be busy.
    private func waitUntil(_ isTrue: () throws -> Bool) throws {
        for _ in 0..<12_000 where try !isTrue() { Thread.sleep(forTimeInterval: 0.01) }
        #expect(try isTrue())
    }

    private func text(_ number: Int, _ kind: String = "plain") throws -> String {
        let file = try sources.file(
            of: PathBytes(address(number, kind)), progress: EngineProgress())
        return String(decoding: try file.bytes(at: 0, count: 100), as: UTF8.self)
    }

    @Test("what waits for its row is not asked for again, and is given to that row alone")
    func taken() throws {
        let inbox = Inbox()
        inbox.set((0..<4).map { task($0, address($0)) })
        let ahead = try FetchAhead(inbox, AudioPathPolicy(baseFolder: "/", sources: sources))
        defer {
            inbox.close()
            ahead?.finish()
        }
        try waitUntil { try requests().count == 4 }
        try waitUntil { sources.bytesAhead == 4 * "sound 0".utf8.count }
        for number in 0..<4 { #expect(try text(number) == "sound \(number)") }
        #expect(try text(4) == "sound 4", "what was not seen before is fetched now")
        #expect(try requests().count == 5)
        #expect(sources.bytesAhead == 0)
    }

    @Test("what cannot be had is told to its row, without another request")
    func failure() throws {
        let inbox = Inbox()
        inbox.set([task(0, address(0, "refused")), task(1, address(9)), task(2, "/local.wav")])
        let ahead = try FetchAhead(inbox, AudioPathPolicy(baseFolder: "/", sources: sources))
        defer {
            inbox.close()
            ahead?.finish()
        }
        try waitUntil { try requests().count == 2 }
        #expect(throws: (any Error).self) { try text(0, "refused") }
        #expect(throws: (any Error).self) { try text(9) }
        #expect(try requests().count == 2)
    }

    @Test("a job that fetches nothing has no thread for it")
    func nothing() throws {
        #expect(try FetchAhead(Inbox(), AudioPathPolicy(baseFolder: "/")) == nil)
    }
}
