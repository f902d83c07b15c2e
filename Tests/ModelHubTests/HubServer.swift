internal import Foundation
internal import LoopbackServers
internal import StrictJSON
internal import TemporaryFolders
internal import Testing

/// The hub of `Tests/Fixtures/hub/hub_server.py`, running as long as this lives.
final class HubServer {
    private let server: LoopbackServer
    private let log: TemporaryFolder

    init() throws {
        log = try TemporaryFolder()
        server = try LoopbackServer("hub/hub_server.py", ["\(log.path)/requests"])
    }

    var endpoint: String { server.endpoint }
    var port: Int { server.port }

    /// What the server was asked, in order.
    func requests() throws -> [JSONObject] {
        try log.bytes("requests").split(separator: 0x0A).map { line in
            try #require(try JSONParser.parse(Array(line)).object)
        }
    }
}
