import Digests
import Manifests
import SpeechTypes
import StrictJSON
import Testing

@Suite("The fields of records") struct TranscriptFieldsTests {
    /// Rows that show every field and every rule of ``RecordWriter``, and their records.
    private static func sampleRecords(of engine: Int) throws -> [[UInt8]] {
        let fields = TranscriptFields(engine: engine)
        let rows = [
            #"{"audio_filepath":"a.wav"}"#,
            #"{"audio_filepath": "a.wav",  "duration": 1.50, "n": 1e2}"#,
            #"{"audio_filepath":"a.wav","pred_text":"NEMO","status":1,"channels":2,"audio_warning":[]}"#,
            #"{"audio_filepath":"a.wav","duration":1,"pred_text":"OLD","status":"transcribed"}"#,
        ]
        let warning = AudioWarning(.lostInside, statedSeconds: 2, decodedSeconds: 1.5)
        var records: [[UInt8]] = []
        for line in rows {
            let row = try ManifestRow.parse(raw: Array(line.utf8))
            for isEachChannel in [false, true] {
                for warning in [nil, engine < 3 ? nil : warning] {
                    records.append(
                        RecordWriter.transcribed(
                            row,
                            RecordContent(
                                lanes: (isEachChannel ? ["L", "R"] : ["BOTH"]).map {
                                    LaneContent(text: $0)
                                },
                                shape: RecordShape(isEachChannel: isEachChannel),
                                decodedSeconds: 1.5,
                                audioWarning: warning),
                            fields: fields))
                }
            }
            for code in FailureCode.allCases {
                // Added to engine 4 after its bytes were pinned; AlignmentContentTests has theirs.
                let added = [
                    "text.", "logits.", "hotwords.", "segments.", "language.", "audio.command_",
                ]
                if added.contains(where: code.rawValue.hasPrefix) { continue }
                records.append(
                    RecordWriter.failed(
                        raw: Array(line.utf8), lineNumber: 7, code: code, fields: fields))
            }
        }
        if engine >= 4 { records += try recordsWithTimes(fields) }
        records.append(
            RecordWriter.failed(
                raw: Array("{bad".utf8), lineNumber: 7, code: .manifestInvalidJSON, fields: fields))
        return records
    }

    /// A transcript with times.
    private static func lane(_ text: String, at frame: Int) -> LaneContent {
        var lane = LaneContent(text: text)
        lane.confidence = 9_312
        var words = TimedItems(.word)
        var characters = TimedItems(.char)
        for (position, word) in text.split(separator: " ").enumerated() {
            let start = frame + 50 * position
            words.append(
                String(word), frames: start..<start + 10,
                milliseconds: 20 * start..<20 * (start + 10),
                confidence: position == 0 ? 9_312 : 10_000)
            characters.append(
                String(word.prefix(1)), frames: start..<start + 1,
                milliseconds: 20 * start..<20 * (start + 1), confidence: 10_000)
        }
        words.end()
        characters.end()
        lane.words = words
        lane.characters = characters
        return lane
    }

    /// Records of jobs that ask for times, of rows that have such members or not.
    private static func recordsWithTimes(_ fields: TranscriptFields) throws -> [[UInt8]] {
        let rows = [
            #"{"audio_filepath":"a.wav"}"#,
            #"{"audio_filepath":"a.wav","word_timestamps":[1],"confidence":0.5,"char_timestamps":0}"#,
            #"{"audio_filepath":"a.wav","duration":1,"pred_text":"OLD","confidence":0.5000,"#
                + #""status":"transcribed","timestamps_omitted":"char","word_timestamps":[]}"#,
        ]
        return try rows.flatMap { line in
            let row = try ManifestRow.parse(raw: Array(line.utf8))
            return RecognitionOptions.Timestamps.allCases.flatMap { timestamps in
                [false, true].flatMap { isEachChannel in
                    let lanes = isEachChannel ? ["SO \"A\"", ""] : ["SO É"]
                    var content = RecordContent(
                        lanes: lanes.map { text in
                            var lane = LaneContent(text: text)
                            if timestamps != .none, text != "" { lane = self.lane(text, at: 7) }
                            if timestamps != .char { lane.characters = nil }
                            return lane
                        },
                        shape: RecordShape(isEachChannel: isEachChannel, timestamps: timestamps),
                        decodedSeconds: 3)
                    var records = [RecordWriter.transcribed(row, content, fields: fields)]
                    if timestamps == .char {
                        content.lanes.indices.forEach { content.lanes[$0].characters = nil }
                        content.omitted = .char
                        records.append(RecordWriter.transcribed(row, content, fields: fields))
                    }
                    return records
                }
            }
        }
    }

    /// SHA-256 of the sample records of each engine.
    ///
    /// A line is added with each new engine, and none is ever changed: outputs with those bytes exist.
    private static let pinned: [Int: String] = [
        2: "17e1051fa55ab5783df7c586b08c2dfaa7296b1a5c729dc233feee4c0788758f",
        3: "3c27ce73089a677e3998a2fe2a0f8dfe2ca84a137a05322455598245aaf2d904",
        4: "965b3a6d9e9d5321c5724d91c5dff116760020cbaca7d71972cd6632dab071d0",
    ]

    @Test("the bytes of sample records go with the engine's number, and neither changes alone")
    func pinnedBytes() throws {
        #expect(
            Self.pinned.keys.max() == EngineNumber.current,
            "a new engine needs a line in `pinned`, and an engine that is gone must not lose its line"
        )
        for (engine, digest) in Self.pinned {
            let bytes = try Self.sampleRecords(of: engine).joined(separator: [0x0A])
            #expect(
                SHA256Hasher.digest(of: Array(bytes)).hex == digest,
                "records of engine \(engine) have other bytes: raise EngineNumber.current, and add a line"
            )
        }
    }

    @Test("an engine knows the fields that it could write")
    func sinceEngines() {
        for engine in 1...EngineNumber.current {
            let fields = TranscriptFields(engine: engine).fields
            #expect(fields.allSatisfy { $0.sinceEngine <= engine })
            let known = TranscriptFields.current.fields.filter { $0.sinceEngine <= engine }
            #expect(fields.map(\.name) == known.map(\.name))
        }
        #expect(TranscriptFields(engine: 2)["audio_warning"] == nil)
        #expect(TranscriptFields(engine: 3)["audio_warning"] != nil)
        #expect(TranscriptFields(engine: 3)["word_timestamps"] == nil)
    }

    @Test("no field is of an engine that does not exist yet, and no name stands twice")
    func table() {
        let fields = TranscriptFields(engine: .max).fields
        #expect(fields.map(\.name) == TranscriptFields.current.fields.map(\.name))
        #expect(Set(fields.map(\.name)).count == fields.count)
    }

    @Test("what a record says is copied, byte for byte, whatever fields it has")
    func copies() throws {
        for engine in Self.pinned.keys {
            let fields = TranscriptFields(engine: engine)
            for isEachChannel in [false, true] {
                let row = try ManifestRow.parse(raw: Array(#"{"audio_filepath":"a.wav"}"#.utf8))
                let record = RecordWriter.transcribed(
                    row,
                    RecordContent(
                        lanes: (isEachChannel ? ["L", ""] : ["BOTH"]).map { LaneContent(text: $0) },
                        shape: RecordShape(isEachChannel: isEachChannel), decodedSeconds: 2.25),
                    fields: fields)
                let object = try #require(try JSONParser.parse(record).object)
                #expect(
                    RecordWriter.transcribed(
                        row, like: object, shape: RecordShape(isEachChannel: isEachChannel),
                        fields: fields) == record)
            }
        }
    }

    @Test("times are copied, byte for byte, into a row that has the same audio")
    func copiesTimes() throws {
        for record in try Self.recordsWithTimes(.current) {
            let object = try #require(try JSONParser.parse(record).object)
            let isEachChannel = object["channels"] != nil
            let times: RecognitionOptions.Timestamps =
                object["timestamps_omitted"] != nil
                    || String(decoding: record, as: UTF8.self)
                        .contains("char_timestamps\":[{")
                ? .char
                : String(decoding: record, as: UTF8.self).contains("\"start_offset\"")
                    ? .word : .none
            let row = try ManifestRow.parse(raw: Array(#"{"audio_filepath":"b.wav"}"#.utf8))
            let shape = RecordShape(isEachChannel: isEachChannel, timestamps: times)
            let copy = try #require(RecordWriter.transcribed(row, like: object, shape: shape))
            let again = try #require(try JSONParser.parse(copy).object)
            #expect(RecordWriter.transcribed(row, like: again, shape: shape) == copy)
            for name in ["pred_text", "confidence", "word_timestamps", "char_timestamps"]
            where object[name] != nil && times != .none
                && (times == .char || name != "char_timestamps")
            {
                let range = try #require(object.member(name)?.valueRange)
                #expect(
                    again.member(name).map { Array(copy[$0.valueRange]) } == Array(record[range]))
            }
        }
    }

    @Test(
        "a row that is an output loses the times of its old transcript in every job, and another row none"
    )
    func oldTimes() throws {
        let output =
            #"{"audio_filepath":"a.wav","duration":1,"pred_text":"OLD","confidence":0.5000,"status":"transcribed","#
            + #""word_timestamps":[{"word":"OLD","start_offset":1,"end_offset":2,"start":0.020,"end":0.040,"confidence":0.5000}]}"#
        let content = RecordContent(lanes: [LaneContent(text: "NEW")], decodedSeconds: 1)
        func record(_ line: String) throws -> String {
            String(
                decoding: RecordWriter.transcribed(
                    try ManifestRow.parse(raw: Array(line.utf8)), content), as: UTF8.self)
        }
        #expect(
            try record(output)
                == #"{"audio_filepath":"a.wav","duration":1,"pred_text":"NEW","status":"transcribed"}"#
        )
        let foreign = output.replacing(#","status":"transcribed""#, with: "")
        let kept = try record(foreign)
        #expect(kept.contains(#""word":"OLD""#) && kept.contains(#""confidence":0.5000"#))
        let failed = RecordWriter.failed(
            raw: Array(output.utf8), lineNumber: 1, code: .audioNotFound)
        #expect(!String(decoding: failed, as: UTF8.self).contains("OLD"))
    }
}
