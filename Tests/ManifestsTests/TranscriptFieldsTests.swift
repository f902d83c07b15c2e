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
                                isEachChannel: isEachChannel, decodedSeconds: 1.5,
                                audioWarning: warning),
                            fields: fields))
                }
            }
            for code in FailureCode.allCases {
                records.append(
                    RecordWriter.failed(
                        raw: Array(line.utf8), lineNumber: 7, code: code, fields: fields))
            }
        }
        records.append(
            RecordWriter.failed(
                raw: Array("{bad".utf8), lineNumber: 7, code: .manifestInvalidJSON, fields: fields))
        return records
    }

    /// SHA-256 of the sample records of each engine.
    ///
    /// A line is added with each new engine, and none is ever changed: outputs with those bytes exist.
    private static let pinned: [Int: String] = [
        2: "17e1051fa55ab5783df7c586b08c2dfaa7296b1a5c729dc233feee4c0788758f",
        3: "3c27ce73089a677e3998a2fe2a0f8dfe2ca84a137a05322455598245aaf2d904",
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
                        isEachChannel: isEachChannel, decodedSeconds: 2.25),
                    fields: fields)
                let object = try #require(try JSONParser.parse(record).object)
                #expect(
                    RecordWriter.transcribed(
                        row, like: object, isEachChannel: isEachChannel, fields: fields) == record)
            }
        }
    }
}
