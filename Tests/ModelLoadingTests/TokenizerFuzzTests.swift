internal import Checkpoints
internal import Glibc
internal import Testing
internal import TokenizerFiles

/// Damaged copies of tokenizer files: only answers and errors.
@Suite("Damaged tokenizers") struct TokenizerFuzzTests {
    /// Every type of piece, and flags of the normaliser.
    private static let sentencePiece: [UInt8] = {
        let pieces: [(String, UInt8)] = [
            ("<s>", 3), ("<unk>", 2), ("\u{2581}the", 1), ("<0x41>", 6), (" ", 1), ("x", 4),
            ("y", 5),
        ]
        return pieces.flatMap { text, type -> [UInt8] in
            let count = UInt8(text.utf8.count)
            return [0x0A, count + 9, 0x0A, count] + text.utf8 + [
                0x15, 0, 0, 0x80, 0xBF, 0x18, type,
            ]
        } + [0x12, 4, 0x1A, 2, 0x61, 0x62, 0x1A, 4, 0x18, 0, 0x20, 1]
    }()

    private static let json = Array(
        """
        {"added_tokens":[{"id":0,"content":"<unk>","special":true},{"id":3,"content":"x"}],"decoder":\
        {"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"\u{2581}"},"content":" "},\
        {"type":"ByteFallback"},{"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":0}]},\
        "model":{"type":"BPE","unk_token":"<unk>","vocab":{"<unk>":0,"\u{2581}a":1,"<0x41>":2}}}
        """.utf8)

    private static func read(_ bytes: [UInt8]) throws(CheckpointError) {
        let tokenizer = try PieceTokenizer(FileBytes(bytes, path: "tokenizer"))
        let count = tokenizer.pieces.count
        _ = try tokenizer.vocabulary(blank: 0, classes: count, modelPath: "model")
    }

    @Test("the files that are damaged below are read when they are whole") func whole() throws {
        try Self.read(Self.sentencePiece)
        try Self.read(Self.json)
    }

    @Test("a damaged tokenizer gives an answer or an error, never a trap", arguments: 0..<2)
    func damaged(kind: Int) {
        let runs = Self.setting("SCRIPTORIUM_FUZZ_RUNS") ?? 10_000
        let seed = UInt64(Self.setting("SCRIPTORIUM_FUZZ_SEED") ?? 1)
        var refused = 0
        for run in 0..<runs {
            var mutator = Mutator(
                generator: SeededGenerator(seed: seed &* 1_000_003 &+ UInt64(run)))
            var bytes = kind == 0 ? Self.sentencePiece : Self.json
            mutator.mutate(&bytes)
            do throws(CheckpointError) {
                try Self.read(bytes)
            } catch {
                refused += 1
                #expect(!error.message.isEmpty, "seed \(seed), run \(run)")
            }
        }
        #expect(refused > runs / 4, "most damage is noticed; seed \(seed)")
    }

    private static func setting(_ name: String) -> Int? {
        getenv(name).flatMap { Int(String(cString: $0)) }
    }
}
