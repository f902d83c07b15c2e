internal import DecoderFiles
internal import Digests
internal import Foundation
internal import SpeechTypes
internal import TemporaryFolders
internal import Testing

/// Files of a decoder, told by their bytes.
@Suite("Files of decoders") struct ArtefactSearchTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func digest(_ text: String) -> ContentDigest {
        SHA256Hasher.digest(of: Array(text.utf8))
    }

    @Test("a file is an artefact by its bytes, whatever it is called")
    func artefacts() throws {
        let set = DecoderFileSet([
            .languageModel: try folder.write("a/lm.arpa", "model"),
            .hotwords: try folder.write("b/names.txt", "BOB"),
        ])
        let artefacts = try set.artefacts(cache: nil)
        #expect(artefacts.map(\.name) == ["hotwords", "language_model"])
        #expect(artefacts.map(\.digest) == [digest("BOB"), digest("model")])
        #expect(artefacts.map(\.fileName) == ["names.txt", "lm.arpa"])
        #expect(artefacts.map(\.byteCount) == [3, 5])
        #expect(
            set.arguments == [
                "--hotwords", folder.file("b/names.txt"), "--lm", folder.file("a/lm.arpa"),
            ])
        let missing = DecoderFileSet([.lexicon: folder.file("none.lex")])
        let error = #expect(throws: DecoderFileError.self) { try missing.artefacts(cache: nil) }
        #expect(error?.path.hasSuffix("none.lex") == true)
    }

    private func needed(_ kind: DecoderFileKind, _ text: String) -> ArtefactFile {
        ArtefactFile(
            name: kind.rawValue, digest: digest(text), fileName: "x", byteCount: text.utf8.count)
    }

    @Test(
        "what a job needs is found below folders, by its bytes, and a named file is looked at first"
    )
    func search() throws {
        try folder.write("root/deep/er/renamed.bin", "model")
        try folder.write("root/other.bin", "modem")
        let named = DecoderFileSet([.hotwords: try folder.write("words.txt", "BOB")])
        let search = ArtefactSearch(named: named, roots: [folder.file("root")], cache: nil)
        let found = search.files(for: [needed(.languageModel, "model"), needed(.unigrams, "BOB")])
        #expect(
            found.paths == [
                .languageModel: folder.file("root/deep/er/renamed.bin"),
                .unigrams: folder.file("words.txt"),
            ])
        #expect(search.files(for: [needed(.lexicon, "mode")]).paths.isEmpty)
    }

    @Test("folders that lead back to themselves are searched once")
    func circles() throws {
        try folder.write("root/a/x", "x")
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("root/a/again"), withDestinationPath: folder.file("root"))
        let search = ArtefactSearch(
            named: DecoderFileSet(), roots: [folder.file("root")], cache: nil)
        #expect(search.files(for: [needed(.lexicon, "none")]).paths.isEmpty)
    }

    @Test("a worker is told which file it lacks, which is another, and which it has too many")
    func differences() {
        let job = [needed(.languageModel, "model")]
        let none = job.difference(from: [:])
        #expect(none.contains("language model is x") && none.contains("has none"))
        #expect(none.contains("--lm FILE") && none.contains("--model-root"))
        let other = job.difference(from: ["language_model": digest("modem")])
        #expect(other.contains("another one (\(digest("modem").hex.prefix(16)))"))
        let surplus = job.difference(from: [
            "language_model": digest("model"), "lexicon": digest("words"),
        ])
        #expect(surplus.contains("start it without --lexicon"))
    }
}
