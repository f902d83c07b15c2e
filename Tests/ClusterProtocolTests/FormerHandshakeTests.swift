internal import ClusterProtocol
internal import Digests
internal import Foundation
internal import SpeechTypes
internal import Testing

/// Frames that programs of the last release sent, Tests/Fixtures/former-release/wire.
@Suite("The last release's handshake") struct FormerHandshakeTests {
    private func frame(_ name: String) throws -> ClusterMessage {
        let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Fixtures/former-release/wire/\(name).bin")
        return try MessageCodec.decode(Array(try Data(contentsOf: url)))
    }

    @Test("a hello names its acoustic model and no other artefact")
    func hello() throws {
        guard case .worker(.hello(let hello)) = try frame("hello") else {
            Issue.record("not a hello")
            return
        }
        let identity = hello.identity
        #expect(identity.slot == "former/0" && identity.engineNumber == 2)
        #expect(
            identity.artefactsDigest
                == ModelArtefacts(acousticModel: identity.modelDigest).digest)
    }

    @Test("a welcome lists every option and no recipe")
    func welcome() throws {
        guard case .coordinator(.welcome(let welcome)) = try frame("welcome") else {
            Issue.record("not a welcome")
            return
        }
        #expect(welcome.options == RecognitionOptions() && welcome.recipeDigest == nil)
        #expect(welcome.manifestFolder == "/archive")
    }

    @Test("the refusal of a later worker does not say the job's engine")
    func rejected() throws {
        guard case .coordinator(.rejected(let rejected)) = try frame("rejected") else {
            Issue.record("not a refusal")
            return
        }
        #expect(rejected.code == .engine && rejected.engineNumber == nil)
        #expect(rejected.retryMilliseconds == nil)
    }

    @Test("a present welcome with an option of a later release is read; its recipe tells of it")
    func laterOption() throws {
        guard
            case .coordinator(.welcome(let sample)) = SampleMessages.all.first(where: {
                $0.kind == .welcome
            })
        else {
            Issue.record("no sample")
            return
        }
        let frame = MessageCodec.encode(.coordinator(.welcome(sample)))
        let meta = String(decoding: frame[MessageCodec.headerBytes...], as: UTF8.self)
            .replacing("\"optionNames\":[]", with: "\"optionNames\":[\"beam_width\"]")
            .replacing("\"optionValues\":[]", with: "\"optionValues\":[\"8\"]")
        func decode(_ meta: String) throws -> ClusterMessage {
            try MessageCodec.decode(
                MessageCodec.frame(
                    kind: MessageKind.welcome.rawValue, meta: Array(meta.utf8), payload: []))
        }
        #expect(try decode(meta) == .coordinator(.welcome(sample)))
        // Who says nothing of recipes has no options that are not known.
        let plain = meta.replacing("recipeDigest", with: "otherDigest")
        #expect(throws: ProtocolError.self) { try decode(plain) }
    }
}
