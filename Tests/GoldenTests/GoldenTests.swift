internal import AcousticModels
internal import CTCDecoding
internal import EngineClasses
internal import Foundation
internal import ModelFamilies
internal import ModelLoading
internal import SpeechTypes
internal import Tensors
internal import Testing
internal import Wav2Vec2

/// The engine against what the reference implementations computed, stage by stage.
@Suite("Golden fixtures") struct GoldenTests {
    @Test(
        "every stage and text agrees with the reference",
        arguments: GoldenCase.modelCases + GoldenCase.familyCases)
    func stagesAgree(name: String) throws {
        try Self.compareAll(of: name, on: EngineClass.ofThisProcess())
    }

    /// Each in a process of its own, since a process computes in one class.
    @Test(
        "with either library and every instruction set too",
        arguments: EngineClass.here.filter { $0.precision == .fp32 })
    func everyClassAgrees(named: EngineClass) async {
        await #expect(processExitsWith: .success) { [named] in
            let backend = try named.activate()
            for name in GoldenCase.modelCases + GoldenCase.familyCases {
                try GoldenTests.compareAll(of: name, on: backend)
            }
        }
    }

    @Test("one backbone speaks each language with the bits of a model of its own")
    func sharedBackbone() throws {
        ComputeThread.prepare()
        let backend = try EngineClass.ofThisProcess()
        let golden = try GoldenCase("zoo/hf_mms_adapters")
        let window = AudioWindow(samples: try golden.samples(ofUtterance: 0))
        func bits(_ model: Wav2Vec2Model) throws -> [Float] {
            try model.logProbabilities(
                of: [window], blank: .none, workspace: model.makeWorkspace())[0].values
        }
        let own = try ModelLoader.load(path: golden.checkpoints[0].path, language: "eng")
        func model(_ loaded: LoadedModel) throws -> Wav2Vec2Model {
            try Wav2Vec2Model(
                #require(loaded.configuration.waveform), weights: loaded.weights, backend: backend)
        }
        let backbone = try model(own)
        let before = try bits(backbone)
        for language in ["deu", "hin", "yue"] {
            let loaded = try ModelLoader.load(
                path: golden.checkpoints[0].path, language: language)
            let alone = try model(loaded)
            let shared = try backbone.speaking(
                loaded.weights, classes: loaded.configuration.classes)
            let isSame = try bits(shared) == bits(alone)
            #expect(isSame, "\(language)")
        }
        #expect(try bits(backbone) == before, "the backbone still speaks its own language")
    }

    /// Compares all runs of a case, from each of its checkpoints.
    static func compareAll(of name: String, on backend: ComputeBackend) throws {
        ComputeThread.prepare()
        let golden = try GoldenCase(name)
        var compared = 0
        for checkpoint in golden.checkpoints {
            let loaded = try ModelLoader.load(
                path: checkpoint.path, labelsPath: golden.labelsPath,
                language: checkpoint.language)
            let model = try loaded.makeNetwork(on: backend)
            let workspace = model.makeWorkspace()
            for run in golden.runs
            where run.set == checkpoint.expectedSet && !golden.dependsOnPadding(run) {
                compared += try compare(
                    run, of: golden, model: model, workspace: workspace,
                    vocabulary: golden.hasSymbolsOfItsOwn ? loaded.vocabulary : nil)
            }
        }
        #expect(compared > 0, "something was compared")
    }

    /// Computes a run as one batch and compares all tensors that the reference stored.
    private static func compare(
        _ run: GoldenCase.Run, of golden: GoldenCase, model: any AcousticModel,
        workspace: ModelWorkspace, vocabulary: Vocabulary?
    ) throws -> Int {
        let windows = try Self.windows(of: run, golden)
        var computed: [String: [Tensor]] = [:]
        let results = try model.logProbabilities(
            of: windows, blank: blank(of: run, golden), workspace: workspace
        ) { stage, _, tensor in computed[stage.rawValue, default: []].append(tensor) }

        #expect(results.map { $0.shape[0] } == run.validFrames, "\(run.name): frames")
        var compared = 0
        for tensor in run.tensors where !GoldenCase.isNoStage(tensor) {
            let tolerance = try #require(golden.tolerances[tensor])
            let expected = try golden.expected(tensor, of: run)
            let ours = try #require(computed[tensor], "\(run.name) computes \(tensor)")
            for (index, tensorOfUtterance) in ours.enumerated() {
                let difference = largestDifference(tensorOfUtterance, expected, utterance: index)
                #expect(
                    difference <= tolerance,
                    "\(golden.name) \(run.set)/\(run.name) \(tensor), utterance \(index)")
                compared += 1
            }
        }
        var texts = texts(of: results, vocabulary ?? Self.vocabulary(of: golden))
        // fairseq's rule for letters trims its texts, too.
        if golden.format == "fairseq-pt", vocabulary != nil {
            texts = texts.map { $0.trimmingCharacters(in: .whitespaces) }
        }
        #expect(
            texts == run.text,
            "\(golden.name) \(run.set)/\(run.name)")
        return compared
    }

    /// A run's utterances, as the reference saw them.
    static func windows(of run: GoldenCase.Run, _ golden: GoldenCase) throws -> [AudioWindow] {
        let batchFrames = run.validFrames.max() ?? 0
        return try run.utterances.map { index in
            AudioWindow(
                samples: try golden.samples(ofUtterance: index),
                paddedFrames: run.isBatch ? batchFrames : nil)
        }
    }

    static func vocabulary(of golden: GoldenCase) -> Vocabulary {
        Vocabulary(
            symbols: golden.symbols, blank: golden.blank,
            wordDelimiter: golden.symbols.firstIndex(of: "|"),
            rules: TextRules(assembly: golden.format == "huggingface" ? .letters : .labels))
    }

    static func texts(of results: [Tensor], _ vocabulary: Vocabulary) -> [String] {
        results.map { result in
            let transcript = GreedyDecoder.transcript(
                of: LogProbabilities(
                    frames: result.shape[0], classes: result.shape[1], values: result.values),
                vocabulary: vocabulary)
            return TextAssembler(vocabulary: vocabulary).referenceText(of: transcript.symbols)
        }
    }

    static func blank(of run: GoldenCase.Run, _ golden: GoldenCase) -> BlankAdjustment {
        guard let mode = run.blankMode.flatMap(BlankMode.init(rawValue:)) else { return .none }
        return BlankAdjustment(mode, run.blankWeight, blank: golden.blank)
    }

    /// Over the frames that we have: those of the reference beyond them are padding.
    private static func largestDifference(
        _ ours: Tensor, _ expected: NumpyArray, utterance: Int
    ) -> Float {
        let width = expected.shape[2]
        guard ours.shape[1] == width, ours.shape[0] <= expected.shape[1] else { return .infinity }
        let start = utterance * expected.shape[1] * width
        return zip(ours.values, expected.values[start...]).reduce(0) { largest, pair in
            let difference = abs(pair.0 - pair.1)
            return difference.isNaN ? .infinity : max(largest, difference)
        }
    }
}
