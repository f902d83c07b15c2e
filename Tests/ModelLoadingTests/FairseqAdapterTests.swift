internal import Checkpoints
internal import Foundation
internal import ModelFamilies
internal import ModelLoading
internal import SpeechTypes
internal import Testing
internal import Wav2Vec2

/// fairseq's MMS checkpoint: all languages in one file.
@Suite("Languages of fairseq checkpoints") struct FairseqAdapterTests {
    private let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
        .appendingPathComponent("Fixtures/golden/zoo/fairseq_mms_adapters/mms_tiny.pt").path

    @Test("each language has its own symbols, and English is taken without a wish") func languages()
        throws
    {
        let english = try ModelLoader.load(path: path)
        #expect(english.language == "eng" && english.languages == ["eng", "deu", "hin"])
        #expect(english.vocabulary.blank == 0 && english.vocabulary.symbols.count == 33)
        let german = try ModelLoader.load(path: path, language: "de")
        #expect(german.language == "deu" && german.vocabulary.symbols.contains("ß"))
        #expect(german.configuration.waveform?.adapterWidth == 16)
        #expect(german.configuration.classes == german.vocabulary.symbols.count)
        #expect(try german.digest(cache: nil) != english.digest(cache: nil))
    }

    @Test("a language that is not there is refused with those that are") func missing() throws {
        let error = try #require(throws: CheckpointError.self) {
            try ModelLoader.load(path: path, language: "fr")
        }
        #expect(
            error.code == .refused && error.message.contains("deu, eng, hin")
                || error.message.contains("eng, deu, hin"), "\(error)")
    }

    @Test("a language is refused of a checkpoint that has none to choose from") func noLanguages()
        throws
    {
        let folder = MemoryFolder(files: ["a.pt": TinyModel.fairseqOmegaConf()])
        let error = try #require(throws: CheckpointError.self) {
            try ModelLoader.load(
                #require(try folder.file("a.pt")), in: folder,
                labels: FileBytes(Array(TinyModel.labels.utf8), path: "labels"), language: "deu")
        }
        #expect(error.message.contains("no languages to choose from"), "\(error)")
    }
}
