internal import AcousticModels
internal import Checkpoints
internal import Digests
internal import EngineClasses
internal import Files
internal import Foundation
internal import ModelFamilies
internal import ModelLoading
internal import PackedWeights
internal import Synchronization
internal import TemporaryFolders
internal import Tensors
internal import Testing
internal import Wav2Vec2
internal import WeightCache

/// Weights that are packed once: every family in every class computes the same with them.
@Suite("Packed weights of every family") struct KeptWeightsTests {
    /// Tensors of a checkpoint, with the names of those that are asked for.
    private final class WatchedTensors: WeightSource {
        private let tensors: CheckpointTensors
        private let asked = Mutex<Set<String>>([])

        init(_ tensors: CheckpointTensors) { self.tensors = tensors }

        var names: Set<String> { asked.withLock { $0 } }

        func contains(_ name: String) -> Bool { tensors.contains(name) }

        func floats(_ name: String, shape: [Int]) throws(CheckpointError) -> [Float] {
            asked.withLock { _ = $0.insert(name) }
            return try tensors.floats(name, shape: shape)
        }
    }

    @Test("in every class", arguments: EngineClass.here)
    func everyClass(named: EngineClass) async {
        await #expect(processExitsWith: .success) { [named] in
            let backend = try named.activate()
            for name in GoldenCase.modelCases + GoldenCase.familyCases {
                try KeptWeightsTests.compare(name, on: backend)
            }
        }
    }

    private static func compare(_ name: String, on backend: ComputeBackend) throws {
        ComputeThread.prepare()
        let golden = try GoldenCase(name)
        let checkpoint = golden.checkpoints[0]
        let loaded = try ModelLoader.load(
            path: checkpoint.path, labelsPath: golden.labelsPath, language: checkpoint.language)
        let run = try #require(golden.runs.first { $0.set == checkpoint.expectedSet })
        let windows = try GoldenTests.windows(of: run, golden)
        func bits(_ model: any AcousticModel) throws -> [[UInt32]] {
            try model.logProbabilities(
                of: windows, blank: .none, workspace: model.makeWorkspace()
            ).map { $0.values.map(\.bitPattern) }
        }
        let plain = try loaded.makeNetwork(on: backend)
        let expected = try bits(plain)

        let folder = try TemporaryFolder()
        let told = Mutex<[String]>([])
        let cache = WeightCache(
            WeightFolder(CacheFolder(folder.file("weights"))), machine: "this one",
            tell: { line in told.withLock { $0.append(line) } })
        let digest = try loaded.digest(cache: nil)
        for start in ["cold", "warm"] {
            let network = try loaded.makeNetwork(on: backend, keptIn: cache, digest: digest)
            #expect(try bits(network) == expected, "\(name), \(start)")
            #expect(network.keptBytes == 0, "all is there that batches would make")
        }
        #expect(told.withLock { $0 }.isEmpty)
        #expect(cache.folder.contents.files == 1)

        // What a language has of its own is read; of all else nothing.
        let sizes = loaded.configuration.waveform
        let own =
            sizes?.adapterWidth == nil
            ? [] : sizes?.languageTensors(classes: loaded.configuration.classes).map(\.name) ?? []
        let watched = WatchedTensors(loaded.tensors)
        let key = try loaded.packingKey(in: cache, digest, of: backend.arithmetic)
        let warm = try cache.network(key) { (ledger) throws(CheckpointError) in
            try loaded.configuration.makeNetwork(
                WeightScope(watched, ledger: ledger), on: backend)
        }
        #expect(watched.names == Set(own), "\(name)")
        #expect(try bits(warm) == expected, "\(name)")
        #expect(warm.weightBytes >= plain.weightBytes)
    }

    @Test("all languages of a backbone share its packed weights")
    func languages() throws {
        ComputeThread.prepare()
        let backend = try EngineClass.ofThisProcess()
        let path = try GoldenCase("zoo/hf_mms_adapters").checkpoints[0].path
        let folder = try TemporaryFolder()
        let cache = WeightCache(
            WeightFolder(CacheFolder(folder.file("weights"))), machine: "this one", tell: { _ in })
        var digests: Set<ContentDigest> = []
        for language in ["eng", "deu", "hin"] {
            let loaded = try ModelLoader.load(path: path, language: language)
            let digest = try loaded.digest(cache: nil)
            digests.insert(digest)
            _ = try loaded.makeNetwork(on: backend, keptIn: cache, digest: digest)
        }
        #expect(digests.count == 3, "the languages are models of their own")
        #expect(cache.folder.contents.files == 1)
    }
}
