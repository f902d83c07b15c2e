/// The folder of packed weights, by which a model starts at once.
package struct KeptWeightsFacts: Hashable, Sendable {
    /// Nil without a home.
    package var folder: String?
    package var files: Int
    package var byteCount: Int
    /// What all may take.
    package var byteCountMax: Int
    /// Why those of the model are not there; nil if they are, or none was tried.
    package var refusal: String?

    package init(
        folder: String?, files: Int = 0, byteCount: Int = 0, byteCountMax: Int = 0,
        refusal: String? = nil
    ) {
        self.folder = folder
        self.files = files
        self.byteCount = byteCount
        self.byteCountMax = byteCountMax
        self.refusal = refusal
    }

    package var finding: Finding {
        let remedy =
            "let XDG_CACHE_HOME or HOME name a folder that this user can write to; without it each worker starts "
            + "slower and has the model for itself"
        guard let folder else {
            return Finding(
                "weights", .warning, "packed weights are not kept: there is no home folder",
                remedy: remedy)
        }
        let values: [String: Finding.Value] = [
            "folder": .text(folder), "files": .count(files), "size_mib": .count(byteCount >> 20),
            "size_mib_max": .count(byteCountMax >> 20),
        ]
        if let refusal {
            return Finding("weights", .warning, refusal, remedy: remedy, values: values)
        }
        return Finding(
            "weights",
            "\(folder): packed weights of \(files) models and classes, \(byteCount >> 20) of at most "
                + "\(byteCountMax >> 20) MiB",
            values: values)
    }
}
