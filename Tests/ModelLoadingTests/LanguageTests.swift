internal import Checkpoints
internal import Digests
internal import Foundation
internal import ModelFamilies
internal import ModelLoading
internal import SpeechTypes
internal import StrictJSON
internal import Testing
internal import Wav2Vec2

/// Folders that keep adapters, a head and symbols for each of several languages.
@Suite("Languages of a model") struct LanguageTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
        .appendingPathComponent("Fixtures/golden/zoo/hf_mms_adapters/model").path

    private func load(_ language: String?) throws -> LoadedModel {
        try ModelLoader.load(path: Self.folder, language: language)
    }

    @Test("a language has its own symbols, head and adapters, and so its own digest")
    func ownParts() throws {
        let models = try ["eng", "deu", "hin", "yue"].map { try load($0) }
        #expect(models.map(\.configuration.classes) == [33, 35, 34, 20])
        #expect(models.map(\.vocabulary.symbols.count) == [33, 35, 34, 20])
        #expect(models.map(\.language) == ["eng", "deu", "hin", "yue"])
        #expect(Set(try models.map { try $0.digest(cache: nil) }).count == 4)
        let backbone = "encoder.layers.0.attention.q_proj.weight"
        #expect(
            Set(models.map { $0.tensors.tensors[backbone]?.fileOffset }).count == 1,
            "the backbone is the model file's")
    }

    @Test("without a name it is the folder's own language")
    func standard() throws {
        let own = try load(nil)
        #expect(own.language == "eng")
        #expect(try own.digest(cache: nil) == load("eng").digest(cache: nil))
        #expect(Set(own.languages) == ["eng", "deu", "hin", "yue"])
    }

    @Test(
        "codes of ISO 639 mean the model's own names",
        arguments: [("de", "deu"), ("GER", "deu"), ("hi", "hin"), ("en", "eng")])
    func codes(asked: String, name: String) throws {
        #expect(try load(asked).language == name)
    }

    @Test("a language that is not there is refused with those that are")
    func unknown() throws {
        let error = try #require(throws: CheckpointError.self) { try load("fra") }
        #expect(error.code == .refused)
        for name in ["fra", "deu", "eng", "hin", "yue"] {
            #expect(error.message.contains(name), "\(error)")
        }
    }

    @Test("a model with one language has none to choose from")
    func noChoice() throws {
        let path = Self.folder + "/../../hf_hubert_base/safetensors"
        let error = try #require(throws: CheckpointError.self) {
            try ModelLoader.load(path: path, language: "deu")
        }
        #expect(error.message.contains("--language deu"))
        #expect(throws: CheckpointError.self) {
            try ModelLoader.load(path: path, language: "every")
        }
    }

    @Test("an adapter that lacks a tensor, or has one too many, is refused with its name")
    func wrongAdapters() throws {
        for change in ["lm_head.bias", "wav2vec2.encoder.layers.1.adapter_layer.norm.bias"] {
            let error = try error(byRenaming: change, to: "lm_head.x")
            #expect(error.code == .missingTensor || error.code == .surplusTensor, "\(error)")
        }
        #expect(
            try error(byRenaming: "lm_head.weight", to: "lm_head.x").message.contains("lm_head")
        )
    }

    @Test("the summary tells family, languages and clock")
    func summary() throws {
        let summary = try ModelSummary(load("deu"), cache: nil)
        #expect(summary.text().contains("deu, of 4"))
        #expect(summary.text().contains("one frame every 20 ms"))
        let json = try #require(try JSONParser.parse(Array(summary.json.utf8)).object)
        #expect(json["family"]?.string == "wav2vec 2.0")
        #expect(json["language"]?.string == "deu")
        #expect(json["languages"]?.array?.count == 4)
        #expect(json["frame_seconds"]?.double == 0.02)
    }

    @Test("opened with every language it has the digest of all their parts, and each as if alone")
    func every() throws {
        let model = try load("every")
        let library = try #require(model.library)
        #expect(Set(library.names) == ["eng", "deu", "hin", "yue"])
        #expect(model.language == "eng", "the folder's own comes first")
        #expect(library.classesMax == 35)
        for name in library.names {
            let one = try library.open(name)
            #expect(one.library == nil)
            #expect(try one.digest(cache: nil) == load(name).digest(cache: nil))
        }
        let digest = try model.digest(cache: nil)
        #expect(try load(nil).digest(cache: nil) != digest)
        #expect(try load("deu,eng").library?.names == ["deu", "eng"])
        #expect(try load("eng,de,deu").digest(cache: nil) == load("deu,eng").digest(cache: nil))
        #expect(try load("deu,eng").digest(cache: nil) != digest)
        #expect(throws: CheckpointError.self) { try load("deu,fra") }
    }

    @Test("another adapter of any language makes another model")
    func everyDigest() throws {
        func digest(changing name: String?) throws -> String {
            var files: [String: [UInt8]] = [:]
            for file in try FileManager.default.contentsOfDirectory(atPath: Self.folder) {
                files[file] = [UInt8](
                    try Data(contentsOf: URL(fileURLWithPath: "\(Self.folder)/\(file)")))
            }
            // The lowest byte of the last weight.
            if let name, var bytes = files[name] {
                bytes[bytes.count - 4] ^= 1
                files[name] = bytes
            }
            let model = try #require(files["model.safetensors"])
            return try ModelLoader.load(
                FileBytes(model, path: "memory/model.safetensors"), in: MemoryFolder(files: files),
                labels: nil, language: "every"
            ).digest(cache: nil).hex
        }
        let plain = try digest(changing: nil)
        #expect(try plain == load("every").digest(cache: nil).hex)
        for name in ["adapter.deu.safetensors", "adapter.hin.safetensors"] {
            #expect(try digest(changing: name) != plain, "\(name)")
        }
    }

    /// Why a folder is refused in whose German adapter a tensor has another name.
    private func error(byRenaming name: String, to other: String) throws -> CheckpointError {
        var files: [String: [UInt8]] = [:]
        for file in try FileManager.default.contentsOfDirectory(atPath: Self.folder) {
            files[file] = [UInt8](
                try Data(contentsOf: URL(fileURLWithPath: "\(Self.folder)/\(file)")))
        }
        let adapter = try #require(files["adapter.deu.safetensors"])
        var text = Array("\"\(other)\"".utf8)
        let sought = Array("\"\(name)\"".utf8)
        text += [UInt8](repeating: 0x20, count: max(0, sought.count - text.count))
        let place = try #require(adapter.indices.first { adapter[$0...].starts(with: sought) })
        files["adapter.deu.safetensors"] =
            Array(adapter[..<place]) + text.prefix(sought.count)
            + adapter[(place + sought.count)...]
        let folder = MemoryFolder(files: files)
        let model = try #require(files["model.safetensors"])
        return try #require(throws: CheckpointError.self) {
            try ModelLoader.load(
                FileBytes(model, path: "memory/model.safetensors"), in: folder, labels: nil,
                language: "deu")
        }
    }
}
