import Manifests
import SpeechTypes
import StrictJSON
import Testing

@Suite("Rows") struct ManifestRowTests {
    private func failure(_ raw: [UInt8]) -> FailureCode? {
        do throws(RowError) {
            _ = try ManifestRow.parse(raw: raw)
            return nil
        } catch {
            return error.code
        }
    }

    @Test("a row says what to read, and keeps the rest")
    func reads() throws {
        let raw = Array(
            #"{"audio_filepath": "a/b.wav", "offset": 1.5, "duration": 2, "text": "HI", "x": [1]}"#
                .utf8)
        let row = try ManifestRow.parse(raw: raw)
        #expect(row.raw == raw)
        #expect(row.text == "HI")
        #expect(row.object["x"]?.array?.count == 1)
        #expect(
            row.source(at: "/set/a/b.wav")
                == AudioSource(path: "/set/a/b.wav", offsetSeconds: 1.5, durationSeconds: 2))
    }

    @Test("null and missing spans mean the whole file")
    func wholeFile() throws {
        for text in [
            #"{"audio_filepath":"a"}"#, #"{"audio_filepath":"a","duration":null,"offset":null}"#,
        ] {
            let row = try ManifestRow.parse(raw: Array(text.utf8))
            #expect(row.source(at: "a") == AudioSource(path: "a"))
        }
    }

    @Test(
        "unusable lines have their code",
        arguments: [
            (#"{"audio_filepath":"a""#, FailureCode.manifestInvalidJSON),
            (#"{"audio_filepath":"a"} x"#, .manifestInvalidJSON),
            (#"["audio_filepath"]"#, .manifestInvalidJSON),
            ("17", .manifestInvalidJSON),
            ("a.wav", .manifestInvalidJSON),
            (#"{"audio_filepath":"a","duration":NaN}"#, .manifestInvalidJSON),
            (#"{"audio_filepath":"a","duration":Infinity}"#, .manifestInvalidJSON),
            (#"{"audio_filepath":"a","audio_filepath":"b"}"#, .manifestInvalidJSON),
            (#"{"audio_filepath":"a","x":{"y":1,"y":2}}"#, .manifestInvalidJSON),
            (
                #"{"audio_filepath":"a","x":"# + String(repeating: "[", count: 100),
                .manifestInvalidJSON
            ),
            (#"{"audio_filepath":"a","audio_filepath_bytes":"YQ"}"#, .manifestBadPath),
            (#"{"audio_filepath":"a","audio_filepath_bytes":"YQ=="  ,"x":}"#, .manifestInvalidJSON),
            (#"{"audio_filepath":"a","audio_filepath_bytes":""}"#, .manifestBadPath),
            (#"{"audio_filepath":"a","audio_filepath_bytes":7}"#, .manifestBadPath),
            (#"{"text":"a"}"#, .manifestMissingField),
            (#"{"audio_filepath":""}"#, .manifestMissingField),
            (#"{"audio_filepath":7}"#, .manifestMissingField),
            (#"{"audio_filepath":null}"#, .manifestMissingField),
            (#"{"audio_filepath":"a","offset":-0.1}"#, .manifestBadSpan),
            (#"{"audio_filepath":"a","offset":"1"}"#, .manifestBadSpan),
            (#"{"audio_filepath":"a","duration":1e400}"#, .manifestBadSpan),
            (#"{"audio_filepath":"a","duration":1e10}"#, .manifestBadSpan),
            (#"{"audio_filepath":"a","duration":true}"#, .manifestBadSpan),
        ])
    func unusable(line: String, code: FailureCode) {
        #expect(failure(Array(line.utf8)) == code)
    }

    @Test("a line that is not UTF-8 is called that, whatever else is wrong with it")
    func invalidUTF8() {
        #expect(
            failure(Array(#"{"audio_filepath":""#.utf8) + [0xFF] + Array(#""}"#.utf8))
                == .manifestInvalidUTF8)
        #expect(failure(Array("{oops ".utf8) + [0xC3]) == .manifestInvalidUTF8)
    }

    @Test("a line of the longest size is read, one byte more is too long")
    func tooLong() {
        let start = Array(#"{"audio_filepath":"a","x":""#.utf8)
        let end = Array(#""}"#.utf8)
        let room = ManifestLimits.lineBytesMax - start.count - end.count
        let fits = start + [UInt8](repeating: 0x61, count: room) + end
        #expect(failure(fits) == nil)
        #expect(failure(fits + [0x20]) == .manifestTooLong)
    }

    @Test("the bytes of a path win over its text, and need none")
    func pathBytes() throws {
        for (row, path) in [
            (#"{"audio_filepath":"b","audio_filepath_bytes":"6Q=="}"#, [UInt8(0xE9)]),
            (#"{"audio_filepath_bytes":"YS53YXY="}"#, Array("a.wav".utf8)),
            (#"{"audio_filepath":"b","audio_filepath_bytes":null}"#, Array("b".utf8)),
        ] {
            #expect(try ManifestRow.parse(raw: Array(row.utf8)).audioPath.bytes == path)
        }
    }

    @Test("the address of a file means its path, its percent signs bytes where all of them can")
    func fileAddresses() throws {
        for (address, path) in [
            ("file:///a/b%20c.wav", "/a/b c.wav"), ("file:/a.wav", "/a.wav"),
            ("file://localhost/a.wav", "/a.wav"), ("FILE:///a.wav", "/a.wav"),
            ("file:///100% real%20.wav", "/100% real%20.wav"), ("file:///%00", "/%00"),
        ] {
            let row = try ManifestRow.parse(raw: Array("{\"audio_filepath\":\"\(address)\"}".utf8))
            #expect(row.audioPath == PathBytes(path))
            #expect(!row.hasRelativePath)
        }
        let latin = try ManifestRow.parse(raw: Array(#"{"audio_filepath":"file:///%E9"}"#.utf8))
        #expect(latin.audioPath.bytes == [0x2F, 0xE9])
        let host = try ManifestRow.parse(raw: Array(#"{"audio_filepath":"file://h/a"}"#.utf8))
        #expect(host.audioPath == "file://h/a")
        #expect(!host.hasRelativePath)
    }

    @Test("a duration that no recording can have is kept, and planned with by nobody")
    func placeholder() throws {
        for (seconds, planned) in [("100000", nil), ("86400", 86_400), ("7", 7.0)] {
            let row = try ManifestRow.parse(
                raw: Array("{\"audio_filepath\":\"a\",\"duration\":\(seconds)}".utf8))
            #expect(row.plannedSeconds == planned)
            #expect(row.durationSeconds == Double(seconds))
        }
    }

    @Test(
        "what is wrong with a line is said with its column, its key and what stands there",
        arguments: [
            (
                #"{"audio_filepath": ["a", "b"]}"#,
                #"audio_filepath is ["a", "b"], a list; give each"#
            ),
            ("\u{FEFF}{\"audio_filepath\":\"a\"}", "column 1: not a JSON value; a byte order mark"),
            (
                #"{"audio_filepath":"caf\udce9"}"#,
                #"column 23, key "audio_filepath": half of a surrogate pair is missing; give a name"#
            ),
            (#"{"é":1,"text": NaN}"#, #"column 16, key "text": not a JSON value: NaN; write null"#),
            (#"{"a":{"b":-Infinity}}"#, #"column 12, key "a": a digit must stand here: Infinity;"#),
            (#"{"k":1,"k":2}"#, #"column 8, key "k": the key stands twice in one object"#),
            (#"{"text":"a"}"#, "audio_filepath is missing"),
            (#"{"audio_filepath":7}"#, "audio_filepath is 7, not a string"),
            (#"{"audio_filepath":"a","duration":-1}"#, "duration is -1, not a number of seconds"),
            (#"{"audio_filepath":"a"} x"#, "column 24: text after the JSON value"),
            ("17", "column 1: a JSON value, but not an object"),
        ])
    func details(line: String, start: String) {
        let detail = detail(Array(line.utf8))
        #expect(detail.hasPrefix(start), "\(detail)")
    }

    @Test("a byte that is not UTF-8 is named by its column; long values are shown by their start")
    func longDetails() {
        let line = Array(#"{"audio_filepath":"é"#.utf8) + [0xE9] + Array(#""}"#.utf8)
        #expect(detail(line) == "column 21: not UTF-8")
        let long =
            #"{"audio_filepath":["#
            + Array(repeating: #""é""#, count: 5_000).joined(separator: ",") + "]}"
        #expect(detail(Array(long.utf8)).utf8.count < 200)
    }

    private func detail(_ raw: [UInt8]) -> String {
        do throws(RowError) {
            _ = try ManifestRow.parse(raw: raw)
            return ""
        } catch {
            return error.detail
        }
    }

    @Test("a failed row of the engine takes code and sentence")
    func failedRow() {
        let row = FailedRow(ordinal: 7, RowError(.manifestBadSpan, "why"))
        #expect(
            row
                == FailedRow(
                    ordinal: 7, failureClass: .input, code: .manifestBadSpan, detail: "why"))
    }
}
