import AcousticModels
import Batching
import EngineClasses
import Foundation
import Manifests
import ModelLoading
import SpeechTypes
import StrictJSON
import Tensors
import Testing
import Threading
import Transcription
import WindowCutting

@Suite("Rows that name their languages") struct RowLanguagesTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
        .appendingPathComponent("Fixtures/golden/zoo/hf_mms_adapters/model").path

    private let events = Events()

    private func shelf(keptMax: Int?) throws -> LanguageShelf {
        ComputeThread.prepare()
        let loaded = try ModelLoader.load(path: Self.folder, language: "every")
        let network = try loaded.makeNetwork(on: EngineClass.ofThisProcess())
        return try #require(LanguageShelf(loaded, network: network, keptMax: keptMax))
    }

    private func row(_ members: String) throws -> ManifestRow {
        try ManifestRow.parse(raw: Array("{\"audio_filepath\":\"a.wav\"\(members)}".utf8))
    }

    private func languages(
        _ shelf: LanguageShelf?, standard: String? = nil
    ) throws -> RowLanguages {
        var options = RecognitionOptions()
        options.languageField = "lang"
        options.standardLanguage = standard
        let languages = RowLanguages(options, shelf: shelf) { [options] vocabulary in
            try RecordRecipe(vocabulary: vocabulary, options: options)
        }
        return try #require(languages)
    }

    @Test("languages that were dropped and opened again give the same bits")
    func dropped() throws {
        let shelf = try shelf(keptMax: 2)
        let samples = (0..<8_000).map { Float(($0 * 7919) % 2_001 - 1_000) / 4_000 }
        func bits(_ name: String) throws -> [Float] {
            let network = try shelf.language(name).network
            return try network.logProbabilities(
                of: [AudioWindow(samples: samples)], blank: .none,
                workspace: network.makeWorkspace())[0].values
        }
        let names = ["deu", "hin", "yue", "eng"]
        #expect(shelf.keptMax == 2)
        let first = try names.map { try bits($0) }
        #expect(Set(first.map(\.count)).count == 4, "alphabets differ in size")
        for _ in 0..<2 {
            for (name, known) in zip(names, first).reversed() {
                #expect(try bits(name) == known, "\(name)")
            }
        }
    }

    @Test("a row is read with its language's symbols, named by the model or by a code")
    func recipes() throws {
        let languages = try languages(shelf(keptMax: nil), standard: "hin")
        for (members, name, classes) in [
            (#","lang":"deu""#, "deu", 35), (#","lang":"DE""#, "deu", 35),
            (#","lang":"en-GB""#, "eng", 33), ("", "hin", 34), (#","lang":null"#, "hin", 34),
        ] {
            let recipe = try languages.recipe(of: row(members))
            #expect(recipe.language?.name == name, "\(members)")
            #expect(recipe.language?.network.classes == classes)
            #expect(recipe.vocabulary.symbols.count == classes)
        }
    }

    @Test("other rows are rejected with what there is")
    func rejected() throws {
        let languages = try languages(shelf(keptMax: nil))
        for (members, reason) in [
            (#","lang":"fra""#, "lang is fra"), (#","lang":7"#, "must be a code"),
            (#","lang":"""#, "must be a code"), ("", "has no lang"),
            (#","lang":"\#(String(repeating: "x", count: 200))""#, "must be a code"),
        ] {
            let fault = try #require(throws: RowLanguages.Fault.self) {
                try languages.recipe(of: row(members))
            }
            #expect(fault.code == .languageUnknown && fault.failureClass == .input)
            #expect(fault.detail.contains(reason), "\(fault.detail)")
            #expect(fault.detail.contains("deu"), "\(fault.detail)")
        }
        let none = try self.languages(nil)
        #expect(throws: RowLanguages.Fault.self) { try none.recipe(of: row(#","lang":"deu""#)) }
    }

    @Test("a batch is of one language, that of the window that waits longest")
    func batches() throws {
        let languages = try languages(shelf(keptMax: nil))
        let queue = WindowQueue(
            planner: BatchPlanner(limits: BatchLimits()), producers: 1, consumers: 1,
            waitingFramesMax: 4_000)
        queue.producerBegins()
        for (ordinal, name) in ["hin", "deu", "hin", "yue", "deu", "hin"].enumerated() {
            let recipe = try languages.recipe(of: row(",\"lang\":\"\(name)\""))
            queue.push(
                .init(
                    row: try Sample.row(ordinal, recipe, events), lane: 0,
                    window: Sample.window(0, frames: 200)))
        }
        queue.producerRests()
        queue.producerEnds()
        var batches: [[Int]] = []
        while let batch = queue.nextBatch() { batches.append(batch.map(\.row.ordinal)) }
        #expect(batches == [[0, 2, 5], [1, 4], [3]])
    }
}
