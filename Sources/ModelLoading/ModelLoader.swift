package import Checkpoints
internal import ModelFamilies
internal import SpeechTypes
internal import StrictJSON

/// Opens a model: a Hugging Face folder or a file in one, or a checkpoint of NVIDIA's, fairseq's or torchaudio's.
package enum ModelLoader {
    /// Opens the model at `path`; reads configuration and tables, but no weights yet.
    ///
    /// - Parameters:
    ///   - path: a folder with config.json, or any checkpoint file; what it is, its content tells.
    ///   - labelsPath: `dict.ltr.txt` or a vocab.json in place of the checkpoint's own symbols.
    ///   - language: of a model that has several, by its name or a code of ISO 639, or several of them as
    ///     `LanguageChoice` takes them; nil for its own.
    /// - Throws: an error that names the file, the tensor where there is one, and the remedy.
    package static func load(
        path: String, labelsPath: String? = nil, language: String? = nil
    ) throws(CheckpointError) -> LoadedModel {
        var labels: FileBytes?
        if let labelsPath { labels = try FileBytes(mapping: labelsPath) }
        if FileKind.of(path) == .folder {
            return try HuggingFaceModel.load(
                DiskFolder(path), weights: nil, labels: labels, language: language)
        }
        return try load(
            FileBytes(mapping: path), in: DiskFolder(folder(of: path)), labels: labels,
            language: language)
    }

    /// Opens the model that `file` is, or is a part of.
    ///
    /// - Parameter folder: where the file stands, with the files beside it.
    package static func load(
        _ file: FileBytes, in folder: any CheckpointFolder, labels: FileBytes?,
        language: String? = nil
    ) throws(CheckpointError) -> LoadedModel {
        if isJSON(file) {
            let object = try JSONText.object(of: file)
            let index = object["weight_map"] == nil ? nil : file
            return try HuggingFaceModel.load(
                folder, weights: index, labels: labels, language: language)
        }
        switch try CheckpointFormat.recognize(file) {
        case .safetensors:
            return try HuggingFaceModel.load(
                folder, weights: file, labels: labels, language: language)
        case let format:
            let archive = try TorchArchive(file, format: format)
            for root in [archive.graph.value(archive.root, "model"), archive.root] {
                guard let root, archive.hasTensors(root) else { continue }
                let stored = try archive.tensors(in: root)
                let isTorchaudio = TorchaudioModel.recognizes(stored)
                guard isTorchaudio || FairseqTwoModel.recognizes(stored) else { continue }
                if let language {
                    throw CheckpointError(
                        .refused, path: file.path,
                        "reads all of its languages with one alphabet; leave --language \(language) out"
                    )
                }
                return isTorchaudio
                    ? try TorchaudioModel.load(stored, of: archive, in: folder, labels: labels)
                    : try FairseqTwoModel.load(stored, of: archive, in: folder, labels: labels)
            }
            if let model = archive.graph.value(archive.root, "model"), archive.hasTensors(model) {
                return try TrainingCheckpoint.load(
                    archive, model: model, labels: labels, language: language)
            }
            guard archive.hasTensors(archive.root) else {
                throw CheckpointError(
                    .unknownFormat, path: file.path,
                    "is a PyTorch file, but has neither a model's tensors nor a training "
                        + "checkpoint's model entry")
            }
            return try HuggingFaceModel.load(
                folder, weights: file, labels: labels, language: language)
        }
    }

    /// Whether a file begins like a JSON object; a safetensors header has its length before it.
    private static func isJSON(_ file: FileBytes) -> Bool {
        let head = file.copy(0..<min(64, file.count))
        return head.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == UInt8(ascii: "{")
            && !(head.count > 8 && head[4..<8] == [0, 0, 0, 0])
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// What every model must hold to, whoever saved it.
    static func check(
        _ tensors: CheckpointTensors, _ configuration: NetworkConfiguration,
        _ vocabulary: Vocabulary, path: String
    ) throws(CheckpointError) {
        guard vocabulary.symbols.count == configuration.classes else {
            throw CheckpointError(
                .refused, path: path,
                "scores \(configuration.classes) classes and has labels for "
                    + "\(vocabulary.symbols.count); the label file belongs to another model")
        }
        try tensors.check(configuration.expectedTensors)
    }
}
