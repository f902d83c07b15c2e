internal import Checkpoints
internal import Foundation
internal import ModelCommands
internal import ModelHub
internal import StrictJSON
internal import TemporaryFolders
internal import Testing

@Suite("The list of models in the cache") struct ModelListingTests {
    private let cache: TemporaryFolder
    private static let commit = "0123456789abcdef0123456789abcdef01234567"
    private static let other = "abcdef0123456789abcdef0123456789abcdef01"

    /// A model that loads, one that does not, one by its commit alone, and what is no model.
    init() throws {
        cache = try TemporaryFolder()
        let fixture = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appending(
                path: "Fixtures/golden/hf_group_norm/safetensors")
        let good = "models--owner--good"
        try cache.write("\(good)/refs/main", Self.commit)
        for name in try FileManager.default.contentsOfDirectory(atPath: fixture.path) {
            try cache.write(
                "\(good)/snapshots/\(Self.commit)/\(name)",
                Data(contentsOf: fixture.appending(path: name)))
        }
        try cache.write("models--owner--bad/refs/v1", Self.other)
        try cache.write(
            "models--owner--bad/snapshots/\(Self.other)/config.json", #"{"model_type":"whisper"}"#)
        try cache.write("models--owner--pinned/snapshots/\(Self.other)/config.json", "{}")
        try cache.write("models--owner--empty/refs/main", Self.other)
        try cache.write("datasets--owner--data/refs/main", Self.commit)
        try cache.write("version.txt", "1")
    }

    private func listings(computesDigests: Bool) throws -> [JSONObject] {
        let hub = ModelHub(HubSettings(cacheFolder: cache.path))
        let models = try hub.cachedModels().map {
            ModelListing(
                name: $0.name, path: $0.folder, byteCount: $0.byteCount,
                computesDigests: computesDigests, cache: nil)
        }
        let json = ModelListing.json(models, cache: cache.path)
        let object = try #require(try JSONParser.parse(Array(json.utf8)).object)
        #expect(object["families"]?.array?.isEmpty == false)
        return (object["models"]?.array ?? []).compactMap(\.object)
    }

    @Test("models have the names that --model takes, in order; what is no model is left out")
    func names() throws {
        let names = try listings(computesDigests: false).map { $0["name"]?.string }
        #expect(
            names == [
                "hf:owner/bad@v1", "hf:owner/good", "hf:owner/pinned@\(Self.other)",
            ])
    }

    @Test("a model that loads says what it is; its digest only where that is known or asked for")
    func facts() throws {
        let model = try listings(computesDigests: false)[1]
        #expect(model["loads"]?.bool == true && model["problem"]?.isNull == true)
        #expect(model["family"]?.string == "wav2vec 2.0")
        #expect(model["frame_milliseconds"]?.int == 20)
        #expect(try #require(model["parameters"]?.int) > 10_000)
        #expect(try #require(model["bytes"]?.int) > 4 * #require(model["parameters"]?.int))
        #expect(model["digest"]?.isNull == true)
        let digest = try listings(computesDigests: true)[1]["digest"]?.string
        #expect(digest?.count == 64)
    }

    @Test("a model that does not load says why") func problem() throws {
        let model = try listings(computesDigests: false)[0]
        #expect(model["loads"]?.bool == false && model["family"]?.isNull == true)
        #expect(model["problem"]?.string?.contains("whisper") == true)
    }

    @Test("the text says it in lines") func text() throws {
        let hub = ModelHub(HubSettings(cacheFolder: cache.path))
        let texts = try hub.cachedModels().map {
            ModelListing(name: $0.name, path: $0.folder, byteCount: $0.byteCount, cache: nil).text
        }
        #expect(texts[0].hasPrefix("hf:owner/bad@v1\n  does not load: "))
        #expect(texts[1].contains("wav2vec 2.0, 0.") && texts[1].contains("a frame every 20 ms"))
        #expect(ModelListing.familiesText.contains("HuBERT"))
    }

    @Test("a cache that is not there holds no models") func noCache() throws {
        let hub = ModelHub(HubSettings(cacheFolder: "\(cache.path)/none"))
        #expect(try hub.cachedModels().isEmpty)
    }
}
