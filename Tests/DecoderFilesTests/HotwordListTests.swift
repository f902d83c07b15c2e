internal import DecoderFiles
internal import SpeechTypes
internal import StrictJSON
internal import TemporaryFolders
internal import Testing

/// Phrases and weights, of files and of rows.
@Suite("Hotwords") struct HotwordListTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("a line is a phrase and perhaps a weight")
    func file() throws {
        let path = try folder.write("words.txt", "NEW  YORK\t2.5\n\nBOB\r\nANN\t-3\n")
        #expect(
            try HotwordList.read(path) == [
                Hotword(phrase: "NEW YORK", weight: 2.5), Hotword(phrase: "BOB", weight: 10),
                Hotword(phrase: "ANN", weight: -3),
            ])
    }

    @Test(
        "a line that is none is named",
        arguments: [
            ("A\t1\t2", "3 fields"), ("\t5", "no phrase"), ("A\tmuch", "no number"),
            ("A\tnan", "no number"), ("A\t1e9", "no number"), ("FIRST", "line 1"),
            (String(repeating: "A", count: 1_001), "more than 1000 bytes"),
        ])
    func refusals(line: String, part: String) throws {
        let path = try folder.write("words.txt", "FIRST\n\(line)\n")
        let error = #expect(throws: DecoderFileError.self) { try HotwordList.read(path) }
        #expect(error?.line == 2)
        #expect(error?.description.contains(part) == true, "\(String(describing: error))")
    }

    private func hotwords(_ json: String) throws -> [Hotword]? {
        HotwordList.hotwords(of: try JSONParser.parse(Array(json.utf8)))
    }

    @Test("a row names phrases in any of three forms")
    func rows() throws {
        let one = Hotword(phrase: "NEW YORK")
        #expect(try hotwords(#""NEW YORK""#) == [one])
        #expect(
            try hotwords(#"["NEW  YORK", {"phrase": "BOB", "weight": 3}]"#)
                == [one, Hotword(phrase: "BOB", weight: 3)])
        #expect(
            try hotwords(#"{"NEW YORK": 10, "BOB": 3}"#)
                == [one, Hotword(phrase: "BOB", weight: 3)])
        #expect(try hotwords("null") == [] && hotwords("[]") == [] && hotwords(#"" ""#) == [])
    }

    @Test(
        "anything else is no list of hotwords",
        arguments: [
            "7", "true", "[7]", #"[["A", 1]]"#, #"{"A": "B"}"#, #"[{"weight": 1}]"#, #"{"A": 1e9}"#,
        ])
    func unusable(json: String) throws {
        #expect(try hotwords(json) == nil)
    }

    @Test("what the alphabet cannot write is counted, and the other case is suggested")
    func spelling() {
        let vocabulary = Vocabulary(
            symbols: ["<pad>", "|", "A", "B", "TH", "É"], blank: 0, wordDelimiter: 1)
        var share = SpellableShare(vocabulary)
        for phrase in ["AB BA", "THÉ", "ab"] { share.add(phrase) }
        #expect(share.count == 4 && share.unspellable == 1)
        let warning = share.warning("list of words x.txt")
        #expect(warning?.contains("1 of 4 words (25.0 %), such as ab") == true)
        #expect(warning?.contains("the other case") == true)
        var good = SpellableShare(vocabulary)
        good.add("THA")
        #expect(good.warning("x") == nil)
    }
}
