internal import Checkpoints
internal import ModelFamilies
internal import SpeechTypes
internal import TokenizerFiles

extension Vocabulary {
    /// Where a folder has its pieces if it has no vocab.json.
    private static let tokenizerNames = ["tokenizer.json", "tokenizer.model"]

    /// The vocabulary of a Hugging Face folder whose classes are pieces of words.
    ///
    /// - Parameters:
    ///   - labels: what the user gave in place of the folder's own files.
    ///   - fields: of config.json, which names the blank.
    /// - Returns: nil where the labels, or without them the folder, are of another kind.
    static func ofPieces(
        _ folder: any CheckpointFolder, labels: FileBytes?, fields: HuggingFaceFields, classes: Int
    ) throws(CheckpointError) -> Vocabulary? {
        var file: FileBytes?
        if let labels {
            guard PieceTokenizer.isTokenizer(labels) else { return nil }
            file = labels
        } else if try folder.file("vocab.json") == nil {
            for name in tokenizerNames where file == nil { file = try folder.file(name) }
        }
        guard let file else { return nil }
        var blank = try fields.int("blank_token_id")
        if blank == nil {
            // Omnilingual's pad token is a class that nothing is trained to give.
            blank =
                try fields.string("model_type") == "omniasr_ctc"
                ? 0 : try fields.int("pad_token_id")
        }
        guard let blank else {
            throw fields.refused(
                "names no blank; set blank_token_id to the class that training took for CTC's blank"
            )
        }
        return try PieceTokenizer(file)
            .vocabulary(blank: blank, classes: classes, modelPath: folder.path)
    }
}
