internal import Checkpoints
internal import Digests
internal import Foundation
internal import ModelFamilies
internal import ModelLoading
internal import Testing
internal import Wav2Vec2

@Suite("What a model's digest is taken of") struct ModelDigestTests {
    private static let bundled = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "models/digits-en").path()

    @Test("the bundled model has the digest that earlier releases gave it")
    func former() throws {
        // Stands in the journals and reports of all releases so far, Tests/Fixtures/former-release.
        #expect(
            try ModelLoader.load(path: Self.bundled).digest(cache: nil).hex
                == "f755407a45e21e1dc11b781a3a3149c86d1c3a9f58f60c2d8cb8b71e060f628f")
    }

    @Test("a field that is added later is listed only where it is not as in all models before")
    func laterField() throws {
        let configuration = try #require(
            ModelLoader.load(path: Self.bundled).configuration.waveform)
        func json(_ value: String) -> String {
            configuration.json(later: [.init(name: "gating", value: value, standard: "false")])
        }
        #expect(json("false") == configuration.json(later: []))
        #expect(json("true") == configuration.json(later: []).dropLast() + ",\"gating\":true}")
    }
}
