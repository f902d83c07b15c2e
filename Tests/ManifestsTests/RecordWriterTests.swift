import Foundation
import Manifests
import SpeechTypes
import StrictJSON
import TemporaryFolders
import Testing

@Suite("Output records") struct RecordWriterTests {
    private func transcribed(
        _ line: String, _ texts: [String], each: Bool = false, seconds: Double = 3.275
    ) throws -> String {
        let row = try ManifestRow.parse(raw: Array(line.utf8))
        let record = RecordWriter.transcribed(
            row,
            RecordContent(
                lanes: texts.map { LaneContent(text: $0) }, shape: RecordShape(isEachChannel: each),
                decodedSeconds: seconds))
        return String(decoding: record, as: UTF8.self)
    }

    private func failed(_ raw: [UInt8], line: Int = 1, _ code: FailureCode) -> String {
        String(
            decoding: RecordWriter.failed(raw: raw, lineNumber: line, code: code), as: UTF8.self)
    }

    @Test("the row's bytes stay in place, the result follows")
    func inPlace() throws {
        #expect(
            try transcribed(#"{"audio_filepath": "a.wav",  "duration": 1.50, "n": 1e2}"#, ["HELLO"])
                == #"{"audio_filepath": "a.wav",  "duration": 1.50, "n": 1e2,"pred_text":"HELLO","status":"transcribed"}"#
        )
    }

    @Test("a row without a duration gets the decoded one, with six decimals")
    func duration() throws {
        #expect(
            try transcribed(#"{"audio_filepath":"a.wav"}"#, [""])
                == #"{"audio_filepath":"a.wav","duration":3.275000,"pred_text":"","status":"transcribed"}"#
        )
        #expect(
            try transcribed(#"{"audio_filepath":"a"}"#, ["A"], seconds: 0.000_062_5)
                .contains(#""duration":0.000063,"#))
        #expect(
            try transcribed(#"{"audio_filepath":"a"}"#, ["A"], seconds: 86_400)
                .contains(#""duration":86400.000000,"#))
    }

    @Test("a row that is an output of ours loses what that run wrote, wherever it stood")
    func earlierRun() throws {
        let rows = [
            (
                #"{"pred_text":"OLD","audio_filepath":"a","duration":1,"status":"transcribed"}"#,
                #"{"audio_filepath":"a","duration":1"#
            ),
            (
                #"{ "status":"rejected" , "audio_filepath":"a" ,"pred_text":"","error":{"code":"c","message":"m"}, "duration":1 }"#,
                #"{ "audio_filepath":"a", "duration":1"#
            ),
            (
                #"{"audio_filepath":"a","duration":1,"pred\u005ftext":"OLD","status":"transcribed"}"#,
                #"{"audio_filepath":"a","duration":1"#
            ),
            // What that run had kept stays what it is.
            (
                #"{"audio_filepath":"a","source_pred_text":"NEMO","duration":1,"pred_text":"OLD","status":"transcribed"}"#,
                #"{"audio_filepath":"a","source_pred_text":"NEMO","duration":1"#
            ),
        ]
        for (line, start) in rows {
            #expect(
                try transcribed(line, ["NEW"]) == start
                    + #","pred_text":"NEW","status":"transcribed"}"#)
        }
    }

    @Test(
        "a row's own field whose name a record needs is kept under a name of its own",
        arguments: [
            (
                #"{"audio_filepath":"a","pred_text":"NEMO","duration":1}"#,
                #"{"audio_filepath":"a","source_pred_text":"NEMO","duration":1"#
            ),
            (
                #"{"audio_filepath":"a","duration":1, "status" : "ok","error":null}"#,
                #"{"audio_filepath":"a","duration":1, "source_status" : "ok","source_error":null"#
            ),
            // The name is taken, once and twice.
            (
                #"{"audio_filepath":"a","duration":1,"pred_text":1,"source_pred_text":2}"#,
                #"{"audio_filepath":"a","duration":1,"source_source_pred_text":1,"source_pred_text":2"#
            ),
            (
                #"{"audio_filepath":"a","duration":1,"source_pred_text":2,"pred_text":1,"source_source_pred_text":3}"#,
                #"{"audio_filepath":"a","duration":1,"source_pred_text":2,"source_source_source_pred_text":1,"source_source_pred_text":3"#
            ),
            // Not an output of ours: no duration, an error that we would not write, a status alone.
            (
                #"{"audio_filepath":"a","duration":1,"pred_text":"X","status":"rejected","error":"bad"}"#,
                #"{"audio_filepath":"a","duration":1,"source_pred_text":"X","source_status":"rejected","source_error":"bad""#
            ),
            (
                #"{"audio_filepath":"a","duration":1,"status":"transcribed"}"#,
                #"{"audio_filepath":"a","duration":1,"source_status":"transcribed""#
            ),
            // An output of ours, in which a field is not as we write it.
            (
                #"{"audio_filepath":"a","duration":1,"audio_warning":"loud","pred_text":"X","status":"transcribed"}"#,
                #"{"audio_filepath":"a","duration":1,"source_audio_warning":"loud""#
            ),
        ])
    func ownFields(line: String, start: String) throws {
        let record = try transcribed(line, ["NEW"])
        #expect(record == start + #","pred_text":"NEW","status":"transcribed"}"#)
        // As an input again, the record gives itself.
        #expect(try transcribed(record, ["NEW"]) == record)
        let rejected = failed(Array(line.utf8), .audioEmpty)
        #expect(rejected.hasPrefix(start + #","pred_text":"","status":"rejected""#))
        #expect(failed(Array(rejected.utf8), .audioEmpty) == rejected)
    }

    @Test("rows with such fields are counted by field, escaped names as well, in a part too")
    func counted() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(
            "m.jsonl",
            #"""
            {"audio_filepath":"a","pred_text":"NEMO","channels":2}
            {"audio_filepath":"b","text":"the \"status\" of it"}

            {"audio_filepath":"c","pred\u005ftext":1,"status":"ok"}
            {"audio_filepath":"d","duration":1,"pred_text":"OURS","status":"transcribed"}
            {broken "pred_text"

            """#)
        func count(_ rows: Range<Int>? = nil, each: Bool = false) throws -> [String] {
            try SourceFieldCount.count(
                inManifest: path, rows: rows, shape: RecordShape(isEachChannel: each)
            )
            .map { "\($0.name) \($0.rows)" }
        }
        #expect(try count() == ["pred_text 2", "status 1"])
        #expect(try count(each: true) == ["channels 1", "pred_text 2", "status 1"])
        #expect(try count(2..<4) == ["pred_text 1", "status 1"])
    }

    @Test("engines before the third left such fields out, and knew no warning about audio")
    func formerEngine() throws {
        let line = #"{"audio_filepath":"a","pred_text":"NEMO","audio_warning":"x","duration":1}"#
        let record = RecordWriter.transcribed(
            try ManifestRow.parse(raw: Array(line.utf8)),
            RecordContent(
                lanes: [LaneContent(text: "NEW")], decodedSeconds: 1),
            fields: TranscriptFields(engine: 2))
        #expect(
            String(decoding: record, as: UTF8.self)
                == #"{"audio_filepath":"a","audio_warning":"x","duration":1,"pred_text":"NEW","status":"transcribed"}"#
        )
    }

    @Test("channels on their own stand in a list, whose name the row gives up")
    func channels() throws {
        #expect(
            try transcribed(
                #"{"audio_filepath":"a","channels":2,"duration":1}"#, ["LEFT SIDE", "", "R"],
                each: true)
                == #"{"audio_filepath":"a","source_channels":2,"duration":1,"pred_text":"LEFT SIDE R","channels":[{"channel":0,"pred_text":"LEFT SIDE"},{"channel":1,"pred_text":""},{"channel":2,"pred_text":"R"}],"status":"transcribed"}"#
        )
        #expect(
            try transcribed(#"{"audio_filepath":"a","channels":2,"duration":1}"#, ["X"])
                .contains(#""channels":2"#))
    }

    @Test("a warning about the audio is a member of its own, copied with the transcript")
    func audioWarning() throws {
        let row = try ManifestRow.parse(
            raw: Array(#"{"audio_filepath":"a","n":1}"#.utf8))
        let warning = AudioWarning(
            .longerThanStated, statedSeconds: 8.925_875, decodedSeconds: 708)
        let content = RecordContent(
            lanes: [LaneContent(text: "A")], decodedSeconds: 708,
            audioWarning: warning)
        let record = RecordWriter.transcribed(row, content)
        #expect(
            String(decoding: record, as: UTF8.self)
                == #"{"audio_filepath":"a","n":1,"duration":708.000000,"pred_text":"A","status":"transcribed","audio_warning":{"code":"longer_than_stated","stated":8.925875,"decoded":708.000000}}"#
        )
        // As an input again it gives way, and what is copied to a row with the same audio is the same.
        let again = try ManifestRow.parse(raw: record)
        #expect(RecordWriter.transcribed(again, content) == record)
        let object = try #require(try JSONParser.parse(record).object)
        #expect(RecordWriter.transcribed(row, like: object, shape: RecordShape()) == record)
        #expect(failed(record, .audioEmpty).contains("audio_warning") == false)
    }

    @Test(
        "a record whose warning is none that is written is no record",
        arguments: [
            #"1"#, #"{}"#, #"{"code":"x","stated":1,"decoded":2}"#,
            #"{"code":"lost_inside","stated":1}"#,
            #"{"code":"lost_inside","stated":-1,"decoded":2}"#,
            #"{"code":"lost_inside","stated":1,"decoded":2,"more":3}"#,
        ])
    func malformedWarning(value: String) throws {
        let row = try ManifestRow.parse(raw: Array(#"{"audio_filepath":"a","duration":1}"#.utf8))
        let record =
            #"{"audio_filepath":"a","duration":1,"pred_text":"A","status":"transcribed","audio_warning":"#
            + value + "}"
        let object = try #require(try JSONParser.parse(Array(record.utf8)).object)
        #expect(RecordWriter.transcribed(row, like: object, shape: RecordShape()) == nil)
    }

    @Test("a failed row keeps its bytes and says why")
    func failedRow() {
        #expect(
            failed(
                Array(#"{"audio_filepath":"a.wav","k":null}"#.utf8),
                .audioDamaged)
                == #"{"audio_filepath":"a.wav","k":null,"pred_text":"","status":"rejected","error":{"code":"audio.damaged","message":"the audio data is damaged or ends too early"}}"#
        )
        #expect(
            failed(Array("{}".utf8), .manifestMissingField)
                == #"{"pred_text":"","status":"rejected","error":{"code":"manifest.missing_field","message":"the row has no audio_filepath"}}"#
        )
        #expect(
            failed(Array(#"{"a":1}"#.utf8), .quarantinedCrash).contains(#""status":"quarantined""#))
    }

    @Test("an unusable line is shown as text, with its number")
    func unusableLine() {
        #expect(
            failed(
                Array("{\"a\":\t".utf8) + [0xFF, 0xFE] + Array("\u{1}é".utf8), line: 12,
                .manifestInvalidUTF8)
                == #"{"line":12,"raw":"{\"a\":\t\#u{FFFD}\#u{FFFD}\u0001é","pred_text":"","status":"rejected","error":{"code":"manifest.invalid_utf8","message":"the line is not valid UTF-8"}}"#
        )
    }

    @Test("an unusable line is shown up to 4 KiB, cut between characters")
    func longLine() throws {
        for length in 4_090...4_100 {
            let raw = [UInt8](repeating: 0x78, count: length) + Array("€uro".utf8)
            let record = RecordWriter.failed(raw: raw, lineNumber: 1, code: .manifestInvalidJSON)
            let shown = try #require(try JSONParser.parse(record).object?["raw"]?.string)
            #expect(shown.utf8.count <= 4_096)
            #expect(shown.utf8.count > 4_092)
            #expect(!shown.unicodeScalars.contains("\u{FFFD}"))
            #expect((String(repeating: "x", count: length) + "€uro").hasPrefix(shown))
        }
        let bad = RecordWriter.failed(
            raw: [UInt8](repeating: 0xFF, count: 9_999), lineNumber: 1, code: .manifestInvalidUTF8)
        #expect(try JSONParser.parse(bad).object?["raw"]?.string?.utf8.count == 4_095)
    }

    @Test("a record is one line, even if the row held bare carriage returns")
    func carriageReturns() throws {
        #expect(
            try transcribed(
                "{\r\"audio_filepath\":\r\"a\",\r\"duration\":[\r]}".replacing("[\r]", with: "1"),
                ["X"])
                == "{ \"audio_filepath\": \"a\", \"duration\":1,\"pred_text\":\"X\",\"status\":\"transcribed\"}"
        )
    }

    @Test("whatever a row holds, its other members keep their bytes", arguments: UInt64(0)..<200)
    func property(seed: UInt64) throws {
        var chance = SeededGenerator(seed: seed)
        var members: [(key: String, value: String)] = [("audio_filepath", #""x.wav""#)]
        let values = [
            "1.50", "-0", "1E+2", "null", "true", #""é\n\u00e9""#, "[1, 2 ,[]]",
            #"{"a": {"pred_text":1}}"#,
            #"",""#, #""}""#, #"" ""#,
        ]
        let names = [
            "pred_text", "status", "error", "text", "duration", "k,", "k}", "k\\\\", "é", "z",
        ]
        for name in names.shuffled(using: &chance) where Bool.random(using: &chance) {
            let value = values.randomElement(using: &chance) ?? "0"
            members.append((name, name == "duration" ? "2.0" : value))
        }
        members.shuffle(using: &chance)
        func space() -> String { ["", " ", "  ", "\t"].randomElement(using: &chance) ?? "" }
        let body = members.map {
            "\(space())\"\($0.key)\"\(space()):\(space())\($0.value)\(space())"
        }
        let line = "\(space()){\(body.joined(separator: ","))}\(space())"

        for record in [
            Array(try transcribed(line, ["NEW"]).utf8),
            RecordWriter.failed(raw: Array(line.utf8), lineNumber: 1, code: .audioEmpty),
        ] {
            let parsed = try #require(try JSONParser.parse(record).object, "seed \(seed)")
            let input = try #require(try JSONParser.parse(Array(line.utf8)).object)
            // No row here is an output of ours, so that none of its members is left out.
            let own: Set = ["pred_text", "status", "error"]
            let kept = input.members
            let found = parsed.members.prefix(kept.count)
            #expect(
                kept.map { own.contains($0.key) ? "source_" + $0.key : $0.key }
                    == found.map(\.key), "seed \(seed)")
            for (before, after) in zip(kept, found) {
                #expect(
                    Array(line.utf8)[before.valueRange] == record[after.valueRange], "seed \(seed)")
            }
            #expect(parsed["pred_text"]?.string != nil && parsed["status"]?.string != nil)
            #expect(!record.contains(0x0A) && record.last == UInt8(ascii: "}"))
        }
    }
}
