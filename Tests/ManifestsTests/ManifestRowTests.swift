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

    @Test("a line of a MiB is read, one byte more is too long")
    func tooLong() {
        let start = Array(#"{"audio_filepath":"a","x":""#.utf8)
        let end = Array(#""}"#.utf8)
        let room = (1 << 20) - start.count - end.count
        let fits = start + [UInt8](repeating: 0x61, count: room) + end
        #expect(failure(fits) == nil)
        #expect(failure(fits + [0x20]) == .manifestTooLong)
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
