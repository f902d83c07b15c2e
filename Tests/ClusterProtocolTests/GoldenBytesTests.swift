internal import ClusterProtocol
internal import Digests
internal import Foundation
internal import Testing

@Suite("The bytes of messages")
struct GoldenBytesTests {
    /// What docs/cluster-protocol.md shows of each kind: lines of hexadecimal digits.
    static func documentedBytes() throws -> [String: [UInt8]] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(
            contentsOf: root.appendingPathComponent("docs/cluster-protocol.md"), encoding: .utf8)
        var bytes: [String: [UInt8]] = [:]
        var kind: String?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```bytes ") {
                kind = String(line.dropFirst("```bytes ".count))
            } else if line.hasPrefix("```") {
                kind = nil
            } else if let kind {
                bytes[kind, default: []] += try #require(Hexadecimal.bytes(String(line)))
            }
        }
        return bytes
    }

    static func documentation(of message: ClusterMessage) -> String {
        let digits = Hexadecimal.text(MessageCodec.encode(message))
        var lines = ["```bytes \(message.kind)"]
        var rest = Substring(digits)
        while !rest.isEmpty {
            lines.append(String(rest.prefix(96)))
            rest = rest.dropFirst(96)
        }
        return lines.joined(separator: "\n") + "\n```"
    }

    @Test("every kind has the bytes that the protocol's page shows")
    func everyKindIsDocumented() throws {
        let documented = try Self.documentedBytes()
        for message in SampleMessages.all {
            let bytes = try #require(
                documented["\(message.kind)"], "\(Self.documentation(of: message))")
            #expect(
                bytes == MessageCodec.encode(message), "\n\(Self.documentation(of: message))\n")
            #expect(try MessageCodec.decode(bytes) == message)
        }
        #expect(documented.count == MessageKind.allCases.count)
        #expect(Set(SampleMessages.all.map(\.kind)) == Set(MessageKind.allCases))
    }

    @Test("the numbers of the kinds are those of the protocol's page")
    func kindsKeepTheirNumbers() {
        let numbers: [MessageKind: UInt8] = [
            .hello: 1, .requestWork: 2, .started: 3, .results: 4, .failure: 5, .release: 6,
            .heartbeat: 7, .goodbye: 8, .welcome: 33, .rejected: 34, .lease: 35, .recorded: 36,
            .revoke: 37, .dismiss: 38, .beat: 39, .drain: 41, .unknownSession: 42, .refused: 43,
            .statusRequest: 65, .command: 66, .statusReply: 97, .commandReply: 98,
        ]
        for kind in MessageKind.allCases { #expect(kind.rawValue == numbers[kind]) }
    }
}
