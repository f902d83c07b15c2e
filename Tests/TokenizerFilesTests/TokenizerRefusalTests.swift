internal import Checkpoints
internal import SpeechTypes
internal import Testing
internal import TokenizerFiles

@Suite("Tokenizer files that are refused") struct TokenizerRefusalTests {
    private func failure(_ bytes: [UInt8]) -> CheckpointError? {
        do throws(CheckpointError) {
            _ = try PieceTokenizer(FileBytes(bytes, path: "tokenizer"))
            return nil
        } catch {
            return error
        }
    }

    private func failure(json: String) -> CheckpointError? { failure(Array(json.utf8)) }

    /// Of one piece `a`.
    private let piece: [UInt8] = [0x0A, 3, 0x0A, 1, 0x61]

    @Test("protobuf that breaks its own rules is damaged, with the byte where it does")
    func damagedProtobuf() throws {
        #expect(failure(piece) == nil)
        let damaged: [([UInt8], String)] = [
            (piece + [0x0A, 9, 0x0A], "longer than what is left"),
            (piece + [0x0A], "ends within a number"),
            (piece + [0x0B], "wire type 3"),
            (piece + [0x08] + [UInt8](repeating: 0x80, count: 11), "more than 64 bits"),
            ([0x0A, 3, 0x0A, 1, 0xFF], "not valid UTF-8"),
            (piece + [0x0A, 5, 0x0A, 1, 0x61, 0x18, 9], "type 9"),
            (piece + [0x15, 0, 0], "ends within a number"),
            (piece + [0x02, 0], "field number 0"),
        ]
        for (bytes, words) in damaged {
            let error = try #require(failure(bytes))
            #expect(error.code == .damaged && error.message.contains(words), "\(error)")
        }
    }

    @Test("what is no tokenizer is told from one") func otherFiles() {
        #expect(failure([])?.code == .unknownFormat)
        #expect(failure(json: "{}")?.message.contains("has no model") == true)
        #expect(failure(json: "{\"model\":")?.code == .damaged)
    }

    @Test("a piece or a number beyond any tokenizer is refused before it is stored") func limits() {
        let long = [UInt8](repeating: 0x61, count: 5_000)
        let length: [UInt8] = [0x8B, 0x27]
        #expect(failure([0x0A] + length + [0x0A, 0x88, 0x27] + long)?.code == .overLimit)
        let far = #"{"model":{"type":"BPE","vocab":{"a":99999999}},"decoder":{"type":"Fuse"}}"#
        #expect(failure(json: far)?.code == .overLimit)
        let negative = #"{"model":{"type":"BPE","vocab":{"a":-1}},"decoder":{"type":"Fuse"}}"#
        #expect(failure(json: negative)?.code == .overLimit)
    }

    @Test(
        "a decoder that is not known is refused by its name",
        arguments: [
            (#"{"type":"ByteLevel"}"#, "ByteLevel"), (#"{"type":"WordPiece"}"#, "WordPiece"),
            (
                #"{"type":"Replace","pattern":{"String":"x"},"content":"y"}"#,
                "replaces other things"
            ),
            (#"{"type":"Strip","content":"x","start":1,"stop":0}"#, "strips other things"),
            ("null", "has no decoder"),
        ])
    func unknownDecoders(decoder: String, words: String) throws {
        let model = #"{"model":{"type":"Unigram","vocab":[["a",0]]},"decoder":"#
        let error = try #require(failure(json: model + decoder + "}"))
        #expect(error.code == .refused && error.message.contains(words), "\(error)")
    }

    @Test(
        "a tokenizer with another number of pieces than the head has classes belongs to another model"
    )
    func otherModel() throws {
        let tokenizer = try PieceTokenizer(FileBytes(piece + piece, path: "tokenizer"))
        #expect(throws: CheckpointError.self) {
            try tokenizer.vocabulary(blank: 0, classes: 3, modelPath: "model")
        }
        #expect(throws: CheckpointError.self) {
            try tokenizer.vocabulary(blank: 2, classes: 2, modelPath: "model")
        }
        let one = try tokenizer.vocabulary(blank: 2, classes: 3, modelPath: "model")
        #expect(one.symbols == ["a", "a", "<blank>"] && one.specials == [2])
    }
}
