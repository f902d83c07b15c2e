/// The container that some bytes are, told by the bytes alone.
package enum CheckpointFormat: String, Hashable, Sendable {
    case safetensors
    /// PyTorch since 1.6: a zip archive with stored members.
    case torchZip = "torch-zip"
    /// PyTorch before 1.6: pickles one after another, then the storages.
    case torchLegacy = "torch-legacy"

    /// What PyTorch's older container begins with: protocol 2, then its magic number.
    static let legacyMagic: [UInt8] = [
        0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E,
    ]

    /// Recognises the container of `file`.
    ///
    /// - Throws: `unknownFormat` with what the file seems to be instead.
    package static func recognize(_ file: FileBytes) throws(CheckpointError) -> CheckpointFormat {
        let head = file.copy(0..<min(file.count, 512))
        if head.starts(with: legacyMagic) { return .torchLegacy }
        if head.starts(with: [0x50, 0x4B, 0x03, 0x04]) || head.starts(with: [0x50, 0x4B, 5, 6]) {
            return .torchZip
        }
        if head.count > 8, head[8] == UInt8(ascii: "{") {
            var length: UInt64 = 0
            for byte in head.prefix(8).reversed() { length = length << 8 | UInt64(byte) }
            if length <= UInt64(CheckpointLimits.safetensorsHeaderBytesMax) { return .safetensors }
        }
        throw CheckpointError(
            .unknownFormat, path: file.path,
            otherToolkit(head, file.path) ?? guess(head, file.count))
    }

    /// What a file of a toolkit with a container of its own is, and what to use in its place.
    private static func otherToolkit(_ head: [UInt8], _ path: String) -> String? {
        let isTar = head.count >= 262 && head[257..<262].elementsEqual("ustar".utf8)
        let member = String(decoding: head.prefix { $0 != 0 }, as: UTF8.self)
        if isTar && ["model_config.yaml", "model_weights.ckpt"].contains(where: member.hasSuffix)
            || path.hasSuffix(".nemo") && (isTar || head.starts(with: [0x1F, 0x8B]))
        {
            return
                "is a NeMo archive, whose tensors have names of their own; use a CTC model in Hugging "
                + "Face form, a folder with config.json (scriptorium models and models/README.md say which "
                + "kinds are read)"
        }
        let forms: [(start: [UInt8], name: String)] = [
            (Array("GGUF".utf8), "a GGUF file"), (Array("lmgg".utf8), "a ggml file of whisper.cpp"),
        ]
        if let form = forms.first(where: { head.starts(with: $0.start) }) {
            return
                "is \(form.name), whose weights are rounded for another engine; use the model that it "
                + "was made of, in Hugging Face form"
        }
        if path.hasSuffix(".onnx") {
            return
                "is an ONNX program, which says nothing of the model's symbols; use the model that it was "
                + "exported from, in Hugging Face form"
        }
        return nil
    }

    private static func guess(_ head: [UInt8], _ count: Int) -> String {
        let known = "; a checkpoint is a safetensors file or one saved by PyTorch"
        if count == 0 { return "is empty" + known }
        // A lossy look is enough for a guess.
        let text = String(
            decoding: head.drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) }, as: UTF8.self
        )
        .lowercased()
        if text.hasPrefix("version https://git-lfs") {
            return "is a git-lfs pointer, not the file itself; fetch it with git lfs pull"
        }
        if text.hasPrefix("<!doctype html") || text.hasPrefix("<html") || text.hasPrefix("<?xml") {
            return "is a web page saved under this name; download the file itself"
        }
        if text.hasPrefix("{") || text.hasPrefix("[") { return "is a JSON text" + known }
        if head.starts(with: [0x1F, 0x8B]) { return "is compressed with gzip; unpack it first" }
        if head.starts(with: [0x80]), head.count > 1, (2...5).contains(head[1]) {
            return "is a plain pickle without tensors" + known
        }
        if head.count >= 262, head[257..<262].elementsEqual("ustar".utf8) {
            return
                "is a tar archive (PyTorch before 0.4 wrote these); save it again with a newer PyTorch"
        }
        if head.starts(with: [0x89, 0x48, 0x44, 0x46]) { return "is an HDF5 file" + known }
        return "is no checkpoint that is known here" + known
    }
}
