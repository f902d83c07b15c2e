import CompressedFixtures
import Foundation
import InputForms
import Manifests
import SpeechTypes
import TemporaryFolders
import Testing

@Suite("Lists of other programs") struct ForeignListsTests {
    /// What is known of a row, for comparing forms with each other.
    struct Facts: Equatable, CustomStringConvertible {
        var audio = ""
        var offset: Decimal?
        var duration: Decimal?
        var text: String?
        var id: String?
        var speaker: String?
        var channel: Int?

        var description: String {
            "\(audio) \(offset ?? -1) \(duration ?? -1) \(text ?? "-") \(id ?? "-") \(speaker ?? "-") "
                + "\(channel ?? -1)"
        }
    }

    private func facts(_ rows: [String]) throws -> [Facts] {
        try rows.map { row in
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(row.utf8)) as? [String: Any])
            func decimal(_ key: String) -> Decimal? {
                (object[key] as? NSNumber).flatMap { Decimal(string: "\($0)") }
            }
            let path = try #require(object["audio_filepath"] as? String)
            return Facts(
                audio: path, offset: decimal("offset"), duration: decimal("duration"),
                text: object["text"] as? String, id: object["id"] as? String,
                speaker: object["speaker"] as? String, channel: object["channel"] as? Int)
        }
    }

    /// The six utterances of the two recordings.
    private static let utterances: [Facts] = {
        func row(
            _ recording: String, _ id: String, _ start: String, _ length: String, _ channel: Int,
            _ text: String
        ) -> Facts {
            Facts(
                audio: "audio/\(recording).wav", offset: Decimal(string: start),
                duration: Decimal(string: length), text: text, id: id,
                speaker: String(id.prefix(4)), channel: channel)
        }
        return [
            row(
                "rec-a", "spk1-rec-a-0001", "0.5", "2.78", 0,
                "WE'LL MEET THEM AT THE OLD BRIDGE NOW"),
            row("rec-a", "spk1-rec-a-0002", "4.02", "2.52", 0, "café naïve 東京 über Ωmega"),
            row(
                "rec-a", "spk1-rec-a-0003", "7.16", "2.841", 0,
                "he said \"a < b & c > d\", didn't he?"),
            row("rec-b", "spk2-rec-b-0001", "1.234", "3.333", 0, "first x --> y then done"),
            row("rec-b", "spk3-rec-b-0002", "3.3", "0.8", 1, ""),
            row(
                "rec-b", "spk3-rec-b-0003", "3661.98", "3.04", 1,
                "ONE HOUR LATER; 50% of it, \\n and 'tis over"),
        ]
    }()

    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/inputs").path

    private func rows(
        _ input: String, as form: String? = nil, columns: ColumnChoice = ColumnChoice()
    ) throws -> [String] {
        let resolved = try InputResolver([PathBytes(input)], form: form, columns: columns).resolve()
        guard case .rows(let rows, _) = resolved else { throw NotRows() }
        var lines: [String] = []
        try rows.forEachRow { lines.append(String(decoding: $0, as: UTF8.self)) }
        return lines
    }

    // MARK: Kaldi

    @Test("a folder of Kaldi gives its utterances, whether its list is named or its form")
    func kaldi() throws {
        let folder = "\(Self.folder)/kaldi_rules"
        #expect(try facts(rows("\(folder)/wav.scp")) == Self.utterances)
        #expect(try rows(folder, as: "kaldi") == rows("\(folder)/wav.scp"))
        // Without being told, a folder is its recordings, and this one has none.
        #expect(try rows(folder).isEmpty)
    }

    @Test("what lhotse writes for Kaldi is read, its commands for one channel as that channel")
    func kaldiOfLhotse() throws {
        #expect(
            try facts(rows("\(Self.folder)/kaldi_lhotse_two_channels", as: "kaldi"))
                == Self.utterances.map { row in
                    var row = row
                    row.id = "\(row.id ?? "")-\(row.channel ?? 0)"
                    // A recording of one channel needs no command, so that it has no number.
                    if row.audio.hasSuffix("a.wav") { row.channel = nil }
                    return row
                })
        let text = try rows("\(Self.folder)/kaldi_lhotse_rec_a", as: "kaldi")
        #expect(text[0].hasSuffix("\"speaker\":\"spk1\",\"language\":\"English\"}"))
    }

    @Test("lists that are in another order, or compressed, give the same rows")
    func order() throws {
        let folder = try TemporaryFolder()
        let source = "\(Self.folder)/kaldi_rules"
        for name in ["wav.scp", "segments", "text", "utt2spk", "reco2file_and_channel"] {
            let text = try String(contentsOfFile: "\(source)/\(name)", encoding: .utf8)
            var lines = text.split(separator: "\n").map(String.init)
            if name != "segments" { lines.reverse() }
            try folder.write(name, lines.joined(separator: "\r\n"))
        }
        #expect(try rows("\(folder.path)/wav.scp") == rows("\(source)/wav.scp"))
        try FileManager.default.removeItem(atPath: "\(folder.path)/text")
        let text = try Data(contentsOf: URL(filePath: "\(source)/text"))
        try folder.write("text.gz", Compressed.gzip(Array(text)))
        #expect(try rows("\(folder.path)/wav.scp") == rows("\(source)/wav.scp"))
    }

    @Test("recordings without segments are whole, as long as utt2dur says; others are spans")
    func wholeRecordings() throws {
        let folder = try TemporaryFolder()
        let list = try folder.write(
            "wav.scp", "u1 /a b.wav\nu2 sph2pipe -f wav -p -c 2 /x.sph |\nu3 feats.ark:17\n")
        try folder.write("utt2dur", "u1 3.50\n")
        try folder.write("text", "u1   two  words \nu4 nobody\n")
        #expect(
            try rows(list) == [
                #"{"audio_filepath":"/a b.wav","duration":3.5,"text":"two  words","id":"u1"}"#,
                #"{"audio_filepath":"/x.sph","id":"u2","channel":1}"#,
                #"{"audio_filepath":"feats.ark:17","id":"u3"}"#,
            ])
        try folder.write("segments", "s1 u1 0 -1\ns2 u1 1.0 1.5 1\n")
        #expect(
            try rows(list) == [
                #"{"audio_filepath":"/a b.wav","offset":0,"id":"s1"}"#,
                #"{"audio_filepath":"/a b.wav","offset":1,"duration":0.5,"id":"s2","channel":1}"#,
            ])
    }

    @Test("a command that does more than read a file stays one, and nothing is run")
    func commands() throws {
        let folder = try TemporaryFolder()
        let harmful = "touch \(folder.path)/ran; cat a.wav |"
        let list = try folder.write(
            "wav.scp",
            """
            a \(harmful)
            b sox "a 'b'.wav" -t wav - speed 0.9 |
            c sox 'it'\\''s $x.wav' -t wav - |
            d flac -cds a.flac |
            e cat $(touch \(folder.path)/ran) |
            f cat a.wav|

            """)
        let paths = try facts(rows(list)).map(\.audio)
        #expect(
            paths == [
                harmful, "sox \"a 'b'.wav\" -t wav - speed 0.9 |", "it's $x.wav", "a.flac",
                "cat $(touch \(folder.path)/ran) |", "a.wav",
            ])
        #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/ran"))
    }

    @Test(
        "what is wrong with Kaldi's lists is told with file and line",
        arguments: [
            ("segments", "s1 r1 0\n", 1, "not an utterance"),
            ("segments", "s1 r1 0 1\ns2 none 0 1\n", 2, "no recording none"),
            ("segments", "s1 r1 2 1\n", 1, "not behind"),
            ("segments", "s1 r1 x 1\n", 1, "not a number"),
            ("reco2file_and_channel", "r1 r1 C D\n", 1, "a channel"),
            ("wav.scp", "r1\n", 1, "the path of a recording"),
            ("utt2dur", "r1 long\n", 1, "number of seconds"),
            ("text", "r0 a\nr0 b\nr1 c\n", 2, "stands twice"),
        ])
    func kaldiFaults(name: String, content: String, line: Int, message: String) throws {
        let folder = try TemporaryFolder()
        try folder.write("wav.scp", "r1 a.wav\n")
        try folder.write(name, content)
        let error = try #require(throws: ManifestError.self) {
            try rows("\(folder.path)/wav.scp")
        }
        #expect(error.path == "\(folder.path)/\(name)")
        #expect(error.line == line)
        #expect(error.message.contains(message))
    }

    // MARK: lhotse

    @Test("cuts of lhotse are rows, and so are recordings with their supervisions")
    func lhotse() throws {
        let folder = "\(Self.folder)/lhotse"
        #expect(try facts(rows("\(folder)/cuts_trimmed.jsonl")) == Self.utterances)
        for list in ["supervisions.jsonl", "recordings.jsonl"] {
            #expect(try facts(rows("\(folder)/\(list)")) == Self.utterances, "\(list)")
        }
        let whole = try rows("\(folder)/cuts_whole.jsonl")
        #expect(whole.count == 2)
        let all = try facts(whole)
        #expect(all[0].text == Self.utterances[..<3].compactMap(\.text).joined(separator: " "))
        #expect(all[0].speaker == "spk1" && all[1].speaker == nil)
        #expect(all[0].channel == 0 && all[1].channel == nil)
        #expect(
            whole[1].contains(
                #","supervisions":[{"id":"spk2-rec-b-0001","start":1.234,"duration":3.333,"#))
    }

    @Test("recordings alone are whole, and compressed lists are found by their names")
    func recordingsAlone() throws {
        let folder = try TemporaryFolder()
        let source = "\(Self.folder)/lhotse"
        let recordings = try Data(contentsOf: URL(filePath: "\(source)/recordings.jsonl"))
        let list = try folder.write("dev_recordings.jsonl.gz", Compressed.gzip(Array(recordings)))
        #expect(
            try rows(list) == [
                #"{"audio_filepath":"audio/rec-a.wav","id":"rec-a"}"#,
                #"{"audio_filepath":"audio/rec-b.wav","id":"rec-b"}"#,
            ])
        let supervisions = try Data(contentsOf: URL(filePath: "\(source)/supervisions.jsonl"))
        try folder.write("dev_supervisions.jsonl.zst", Compressed.zstd(Array(supervisions)))
        #expect(try facts(rows(list)) == Self.utterances)
    }

    @Test(
        "a cut that is no span of a recording is refused with its line",
        arguments: [
            (#"{"id":"m","type":"MixedCut","tracks":[]}"#, "MixedCut"),
            (#"{"id":"f","type":"MonoCut","start":0,"duration":1,"features":{}}"#, "no recording"),
            (
                #"{"id":"p","type":"MonoCut","start":0,"duration":1,"channel":0,"recording":{"id":"r","sources":"#
                    + #"[{"type":"file","channels":[0],"source":"a.wav"}],"sampling_rate":8000,"#
                    + #""transforms":[{"name":"Speed","kwargs":{}}]}}"#, "Speed"
            ),
        ])
    func lhotseFaults(line: String, message: String) throws {
        let folder = try TemporaryFolder()
        let first = try String(
            contentsOfFile: "\(Self.folder)/lhotse/cuts_trimmed.jsonl", encoding: .utf8
        ).prefix { $0 != "\n" }
        let list = try folder.write("cuts.jsonl", "\(first)\n\(line)\n")
        let error = try #require(throws: ManifestError.self) { try rows(list) }
        #expect(error.line == 2)
        #expect(error.message.contains(message))
    }

    // MARK: Tables

    @Test("a table with named columns gives rows, with what it is not asked for kept")
    func table() throws {
        let path = "\(Self.folder)/utterances.csv"
        let error = try #require(throws: ManifestError.self) { try rows(path) }
        #expect(error.line == 1)
        #expect(
            error.message.contains("\"recording\"") && error.message.contains("--column audio="))
        let found = try facts(rows(path, columns: ColumnChoice([.audio: "recording"])))
        #expect(
            found
                == Self.utterances.map { row in
                    var row = row
                    row.audio = "\(Self.folder)/" + row.audio.dropFirst(6).dropLast(4)
                    return row
                })
    }

    @Test("quotes, separators and times of tables are read as their writers mean them")
    func quotes() throws {
        let folder = try TemporaryFolder()
        let comma = try folder.write(
            "a.csv",
            "\u{FEFF}path,Sentence,offset,note\r\n\"a,b.wav\",\"two\nlines \"\"q\"\"\",,x\r\n\r\nc.wav,,1.50,\r\n"
        )
        #expect(
            try rows(comma) == [
                "{\"audio_filepath\":\"\(folder.path)/a,b.wav\",\"text\":\"two\\nlines \\\"q\\\"\",\"note\":\"x\"}",
                "{\"audio_filepath\":\"\(folder.path)/c.wav\",\"offset\":1.5,\"text\":\"\",\"note\":\"\"}",
            ])
        let tabs = try folder.write(
            "b.tsv",
            "client_id\tpath\tsentence\nx\ta.mp3\t\"He\" said \"no\"\nx\tb.mp3\t\"a \"\"b\"\"\"\n")
        #expect(try facts(rows(tabs)).map(\.text) == ["\"He\" said \"no\"", "a \"b\""])
        let semicolons = try folder.write("c.csv", "wav;start;end\na.wav;0,5;1\n")
        let error = try #require(throws: ManifestError.self) { try rows(semicolons) }
        #expect(error.line == 2 && error.message.contains("0,5"))
    }

    @Test(
        "a table that is not in order is refused with its line",
        arguments: [
            ("path,path\n", 1, "twice"), ("path,text\na.wav\n", 2, "1 fields"),
            ("path,text\n\"a.wav,x\n", 2, "does not end"),
            ("path,text\n\"a\"b,x\n", 2, "closing quote"), ("path,end\na.wav,0\n", 2, "end"),
            ("path,text\n,x\n", 2, "names no audio"), ("", 1, "empty"),
        ])
    func tableFaults(content: String, line: Int, message: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("a.csv", content)
        let error = try #require(throws: ManifestError.self) { try rows(path) }
        #expect(error.line == line, "\(error)")
        #expect(error.message.contains(message), "\(error)")
    }

    // MARK: Others

    @Test("metadata of a Hugging Face folder names whole files of that folder")
    func audiofolder() throws {
        let folder = try TemporaryFolder()
        let list = try folder.write(
            "train/metadata.jsonl",
            #"{"file_name":"a.wav","transcription":"hi","id":7,"duration":3,"start":1.0,"x":[1]}"#
                + "\n")
        let row =
            "{\"audio_filepath\":\"\(folder.path)/train/a.wav\",\"text\":\"hi\",\"id\":\"7\","
            + "\"file_name\":\"a.wav\",\"source_duration\":3,\"start\":1.0,\"x\":[1]}"
        #expect(try rows(list) == [row])
        #expect(try rows(folder.path, as: "audiofolder") == [row])
        try folder.write("test/metadata.csv", "file_name,text,start\nb.wav,ho,5\n")
        #expect(
            try rows(folder.path, as: "audiofolder") == [
                "{\"audio_filepath\":\"\(folder.path)/test/b.wav\",\"text\":\"ho\",\"start\":\"5\"}",
                row,
            ])
    }

    @Test("a fairseq list may name byte ranges of archives, and be compressed with its references")
    func fairseq() throws {
        let folder = try TemporaryFolder()
        let list = try folder.write(
            "t.tsv.gz", Compressed.gzip(Array("/r\na.zip:100:200\t5\n".utf8)))
        try folder.write("t.wrd.zst", Compressed.zstd(Array("A\n".utf8)))
        #expect(try rows(list) == [#"{"audio_filepath":"/r/a.zip:100:200","text":"A"}"#])
        let real = try facts(rows("\(Self.folder)/fairseq/train.tsv"))
        #expect(real.map(\.text) == Self.utterances.map(\.text))
        #expect(real[0].audio == "/data/cut/spk1-rec-a-0001.wav")
    }

    @Test("compressed manifests keep their rows' bytes, relative paths starting at their folder")
    func compressedManifest() throws {
        let folder = try TemporaryFolder()
        let row = "{\"audio_filepath\":\"/x/a.wav\", \"n\":1e2}"
        for (name, bytes) in [
            ("m.jsonl.gz", Compressed.gzip(Array("\(row)\n".utf8))),
            ("m.json.zst", Compressed.zstd(Array("\(row)\n".utf8))),
            ("m.gz", Compressed.gzip(Array("\(row)\n".utf8))),
        ] {
            #expect(try rows(folder.write(name, bytes)) == [row], "\(name)")
        }
        let relative = try folder.write(
            "n.jsonl.gz", Compressed.gzip(Array("{\"audio_filepath\":\"a.wav\"}\n".utf8)))
        #expect(try rows(relative) == ["{\"audio_filepath\":\"\(folder.path)/a.wav\"}"])
        var cut = Compressed.gzip(Array("\(row)\n".utf8))
        cut.removeLast(4)
        let short = try folder.write("short.jsonl.gz", cut)
        let error = try #require(throws: ManifestError.self) { try rows(short) }
        #expect(error.message.contains("ends too early"))
    }

    @Test("NeMo's names for the shards of a manifest are those shards")
    func shards() throws {
        let folder = try TemporaryFolder()
        for shard in 8...11 {
            try folder.write("m_\(shard).json", "{\"audio_filepath\":\"/\(shard).wav\"}\n")
        }
        for pattern in ["m__OP_8..11_CL_.json", "m_{8..11}.json"] {
            #expect(
                try facts(rows("\(folder.path)/\(pattern)")).map(\.audio) == [
                    "/8.wav", "/9.wav", "/10.wav", "/11.wav",
                ])
        }
        try folder.write("p_008.json", "{\"audio_filepath\":\"/p.wav\"}\n")
        #expect(
            try InputResolver([PathBytes("\(folder.path)/p_{008..008}.json")]).resolve()
                .isOneRecording == false)
        #expect(throws: ManifestError.self) { try rows("\(folder.path)/m_{8..12}.json") }
        #expect(throws: ManifestError.self) { try rows("\(folder.path)/m_{9..8}.json") }
    }

    @Test("a form that is asked for is taken, or it is said why not")
    func forced() throws {
        let folder = try TemporaryFolder()
        let list = try folder.write("odd.txt", "path\ttext\na.wav\tx\n")
        #expect(try facts(rows(list, as: "csv")).map(\.audio) == ["\(folder.path)/a.wav"])
        #expect(throws: ManifestError.self) { try rows(list, as: "lhotse") }
        #expect(throws: ManifestError.self) { try rows(folder.path, as: "kaldi") }
        #expect(throws: ManifestError.self) { try rows(folder.path, as: "fairseq") }
        #expect(throws: ManifestError.self) {
            try rows(list, as: "recording", columns: ColumnChoice([.audio: "path"]))
        }
    }

    @Test("whether rows tell their channels is known of the list, before any row")
    func namesChannels() throws {
        let folder = try TemporaryFolder()
        func tells(_ path: String, as form: String? = nil) throws -> Bool {
            try InputResolver([PathBytes(path)], form: form).resolve().namesChannels
        }
        #expect(try tells("\(Self.folder)/kaldi_rules/wav.scp"))
        #expect(try tells(folder.write("a.csv", "path,channel\n")))
        #expect(try !tells(folder.write("b.csv", "path,text\n")))
        #expect(try !tells(folder.write("metadata.csv", "file_name,channel\n")))
        #expect(try !tells(folder.write("c.jsonl", "{\"audio_filepath\":\"a\",\"channel\":1}\n")))
    }
}
