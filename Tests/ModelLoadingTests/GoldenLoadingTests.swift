internal import Checkpoints
internal import Digests
internal import StrictJSON
internal import Testing
internal import Wav2Vec2

@Suite("Loading the golden checkpoints") struct GoldenLoadingTests {
    @Test(
        "every golden checkpoint loads with the configuration of its case",
        arguments: try GoldenCheckpoint.all())
    func loads(golden: GoldenCheckpoint) throws {
        let model = try ModelLoader.load(path: golden.path, labelsPath: golden.labelsPath)
        let labels = try #require(golden.caseFile["labels"]?.object)
        #expect(model.vocabulary.symbols == labels["symbols"]?.array?.compactMap { $0.string })
        #expect(model.vocabulary.blankIndex == labels["blank"]?.int)
        for (name, shape) in model.configuration.expectedTensors {
            let floats = try model.weights.floats(name, shape: shape)
            #expect(floats.count == shape.reduce(1, *))
        }
        print(
            golden, model.parameterCount, golden.caseFile["parameters"]?.int ?? 0,
            try model.digest(cache: nil).hex.prefix(16))
    }
}
