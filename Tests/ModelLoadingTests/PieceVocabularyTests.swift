internal import CTCDecoding
internal import Checkpoints
internal import ModelLoading
internal import SpeechTypes
internal import Testing

/// Folders and labels whose classes are pieces of words.
@Suite("Models with a tokenizer of pieces") struct PieceVocabularyTests {
    /// Six classes, the last one the blank.
    private static let json = Array(
        """
        {"added_tokens":[{"id":0,"content":"<unk>","special":true},{"id":5,"content":"<pad>","special":true}],\
        "decoder":{"type":"Metaspace","replacement":"\u{2581}","prepend_scheme":"always"},"model":{"type":\
        "Unigram","unk_id":0,"vocab":[["<unk>",0],["\u{2581}",-1],["\u{2581}the",-2],["r",-3],["e",-4]]}}
        """.utf8)

    /// The same, as characters of SentencePiece.
    private static let sentencePiece: [UInt8] =
        [("<s>", 3), ("<pad>", 3), ("</s>", 3), ("<unk>", 2), (" ", 1), ("e", 1)].flatMap {
            (text: String, type: UInt8) -> [UInt8] in
            let count = UInt8(text.utf8.count)
            return [0x0A, count + 4, 0x0A, count] + text.utf8 + [0x18, type]
        }

    private func load(
        _ files: [String: [UInt8]], blank: Int, labels: [UInt8]? = nil
    ) throws -> LoadedModel {
        var folder = TinyModel.folder(
            "model.safetensors", SafetensorsWriter.file(TinyModel.tensors))
        folder.files["vocab.json"] = nil
        folder.files["tokenizer_config.json"] = Array(
            #"{"tokenizer_class":"ParakeetTokenizer"}"#.utf8)
        for (name, bytes) in files { folder.files[name] = bytes }
        folder.files["config.json"] = Array(
            TinyModel.config.replacing("\"pad_token_id\":0", with: "\"pad_token_id\":\(blank)").utf8
        )
        return try ModelLoader.load(
            #require(try folder.file("model.safetensors")), in: folder,
            labels: labels.map { FileBytes($0, path: "labels") })
    }

    private func text(_ ids: [Int], _ vocabulary: Vocabulary) -> String {
        let symbols = ids.map { Transcript.Symbol(index: $0, frames: 0..<1, score: 0) }
        return TextAssembler(vocabulary: vocabulary).transcript(of: symbols).text
    }

    @Test("a folder without vocab.json has its symbols from tokenizer.json") func folder() throws {
        let model = try load(["tokenizer.json": Self.json], blank: 5)
        #expect(model.vocabulary.blank == 5 && model.vocabulary.hasWordPieces)
        #expect(model.vocabulary.specials == [0, 5])
        #expect(text([2, 3, 4, 2, 0, 1, 4], model.vocabulary) == "there the e")
        #expect(
            try ModelSummary(model, cache: nil).text(listsTensors: false).contains(
                "pieces of words"))
    }

    @Test("a SentencePiece model is read as tokenizer.model or as labels") func sentencePiece()
        throws
    {
        for model in [
            try load(["tokenizer.model": Self.sentencePiece], blank: 0),
            try load([:], blank: 0, labels: Self.sentencePiece),
        ] {
            #expect(model.vocabulary.blank == 0 && model.vocabulary.wordDelimiter == 4)
            #expect(text([5, 4, 4, 5, 1, 4], model.vocabulary) == "e e")
        }
    }

    @Test("labels go before the folder's own tokenizer") func labels() throws {
        let model = try load(
            ["tokenizer.json": Self.json], blank: 0, labels: Array("a 1\nb 1\n".utf8))
        #expect(model.vocabulary.symbols == ["<s>", "<pad>", "</s>", "<unk>", "a", "b"])
    }
}
