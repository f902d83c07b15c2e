internal import Checkpoints
internal import Glibc
internal import StrictJSON

/// The golden models under `Tests/Fixtures/golden`, as their case.json describes them.
struct GoldenCheckpoint: Sendable, CustomStringConvertible {
    let caseName: String
    /// What to load: a checkpoint file, or a Hugging Face folder.
    let path: String
    let container: String
    /// The case's label file, for checkpoints that need one.
    let labelsPath: String?
    let caseFile: JSONObject

    var description: String { path.split(separator: "/").suffix(3).joined(separator: "/") }

    static let root: String = {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return (parts.dropLast(2) + ["Fixtures", "golden"]).joined(separator: "/")
    }()

    static let names = [
        "fairseq_ctc", "hf_group_norm", "hf_stable_layer_norm", "nv_bf16_train_state",
        "nv_hourglass_default", "nv_hourglass_linear_f4", "nv_hourglass_naive_f3",
        "nv_hourglass_short", "nv_mha_pyt", "nv_prenorm_layernorm_extractor",
        "nv_rotary_hourglass",
    ]

    /// Every checkpoint of every case.
    static func all() throws -> [GoldenCheckpoint] {
        try names.flatMap { name in
            let folder = "\(root)/\(name)"
            let file = try JSONText.object(of: FileBytes(mapping: "\(folder)/case.json"))
            let labels = "\(folder)/dict.ltr.txt"
            return (file["checkpoints"]?.array ?? []).compactMap { entry -> GoldenCheckpoint? in
                guard let entry = entry.object,
                    let path = (entry["model_dir"] ?? entry["path"])?.string,
                    let container = entry["container"]?.string
                else { return nil }
                return GoldenCheckpoint(
                    caseName: name, path: "\(folder)/\(path)", container: container,
                    labelsPath: FileKind.of(labels) == .file ? labels : nil, caseFile: file)
            }
        }
    }
}
