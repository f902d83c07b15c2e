package import Checkpoints
internal import StrictJSON

/// The languages that a Hugging Face folder has a vocabulary each for.
package enum FolderLanguages {
    /// By name, sorted; none where the model reads one language, or all by one vocabulary.
    package static func of(_ folder: any CheckpointFolder) throws(CheckpointError) -> [String] {
        guard let vocabulary = try folder.object("vocab.json") else { return [] }
        return vocabulary.members.filter { $0.value.object != nil }.map(\.key).sorted()
    }
}
