import Foundation
import Glibc
import InputForms
import Manifests
import SpeechTypes
import TemporaryFolders
import Testing

@Suite("Inputs of a command") struct InputResolverTests {
    private func rows(_ inputs: [String], excluding: [String] = []) throws -> [String] {
        try rows(inputs.map { PathBytes($0) }, excluding: excluding)
    }

    private func rows(_ inputs: [PathBytes], excluding: [String] = []) throws -> [String] {
        let rows = try resolvedRows(inputs, excluding: excluding).rows
        var lines: [String] = []
        try rows.forEachRow { lines.append(String(decoding: $0, as: UTF8.self)) }
        return lines
    }

    private func failure(_ inputs: [String]) -> ManifestError? {
        do {
            _ = try rows(inputs)
            return nil
        } catch {
            return error as? ManifestError
        }
    }

    @Test(
        "one JSON Lines manifest is used where it lies, by extension or by content",
        arguments: ["m.jsonl", "m.json", "m.manifest", "m", "m.txt"])
    func manifest(name: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("sub/\(name)", "\u{FEFF}\n {\"audio_filepath\":\"a.wav\"}\n")
        guard case .manifest(let found, let base) = try InputResolver([PathBytes(path)]).resolve()
        else {
            Issue.record("not taken for a manifest")
            return
        }
        #expect(found == path)
        #expect(base == "\(folder.path)/sub")
    }

    @Test("recordings are rows in the order given, twice if named twice, whatever their extension")
    func recordings() throws {
        let folder = try TemporaryFolder()
        let a = try folder.write("a.wav", "RIFF")
        let odd = try folder.write("odd \"name\".bin", "1234")
        #expect(
            try rows([odd, a, a]) == [
                "{\"audio_filepath\":\"\(folder.path)/odd \\\"name\\\".bin\"}",
                "{\"audio_filepath\":\"\(a)\"}", "{\"audio_filepath\":\"\(a)\"}",
            ])
    }

    @Test("a folder gives its recordings in the order of their paths' bytes")
    func folderOrder() throws {
        let folder = try TemporaryFolder()
        for name in [
            "b.wav", "a/z.flac", "a.wav", "a-b.ogg", "Z.MP3", "a/.hidden.wav", ".git/x.wav",
            "text.txt",
            "é.opus", "a/a/a.m4a", "noextension", ".wav",
        ] { try folder.write(name, "x") }
        let found = try rows([folder.path]).map {
            $0.dropFirst("{\"audio_filepath\":\"\(folder.path)/".count).dropLast(2)
        }
        #expect(found == ["Z.MP3", "a-b.ogg", "a.wav", "a/a/a.m4a", "a/z.flac", "b.wav", "é.opus"])
    }

    @Test("links out of a folder, loops, pipes and the output are left out")
    func folderLimits() throws {
        let folder = try TemporaryFolder()
        let outside = try TemporaryFolder()
        let elsewhere = try outside.write("secret.wav", "x")
        try folder.write("in/a.wav", "x")
        let output = try folder.write("in/out.wav", "x")
        try folder.write("in/out.wav.job/b.wav", "x")
        let root = "\(folder.path)/in"
        #expect(symlink(elsewhere, "\(root)/secret.wav") == 0)
        #expect(symlink(outside.path, "\(root)/folder") == 0)
        #expect(symlink(root, "\(root)/loop") == 0)
        #expect(symlink("a.wav", "\(root)/same.wav") == 0)
        #expect(symlink("none", "\(root)/dangling.wav") == 0)
        #expect(symlink(output, "\(root)/output-link.wav") == 0)
        #expect(mkfifo("\(root)/pipe.wav", 0o600) == 0)
        #expect(
            try rows([root], excluding: [output, output + ".job", "\(root)/none"]) == [
                "{\"audio_filepath\":\"\(root)/a.wav\"}",
                "{\"audio_filepath\":\"\(root)/same.wav\"}",
            ])
    }

    @Test("a pattern that no shell expanded is expanded; a file of that very name comes first")
    func patterns() throws {
        let folder = try TemporaryFolder()
        for name in ["b1.wav", "a1.wav", "a2.wav", "c.txt"] { try folder.write(name, "x") }
        #expect(try rows(["\(folder.path)/?1.wav"]).count == 2)
        #expect(
            try rows(["\(folder.path)/[ab]*.wav"]).map { $0.suffix(8) } == [
                "a1.wav\"}", "a2.wav\"}", "b1.wav\"}",
            ])
        try folder.write("*.wav", "x")
        #expect(try rows(["\(folder.path)/*.wav"]).count == 1)
        #expect(failure(["\(folder.path)/*.flac"])?.code == .notFound)
    }

    @Test("a file list gives absolute paths and references", arguments: ["ltr", "wrd"])
    func fileList(kind: String) throws {
        let folder = try TemporaryFolder()
        let list = try folder.write("set/test.tsv", "audio\na.wav\t16000\n/abs/b.flac\t1\n")
        try folder.write(
            "set/test.\(kind)",
            kind == "ltr"
                ? "H E L L O | I T ' S |\nX | \u{93F} \u{928} |\n"
                : "HELLO  IT'S\nX \u{93F}\u{928}\n")
        let wanted = [
            "{\"audio_filepath\":\"\(folder.path)/set/audio/a.wav\",\"text\":\"HELLO IT'S\"}",
            // A vowel sign may stand after a delimiter.
            "{\"audio_filepath\":\"/abs/b.flac\",\"text\":\"X \u{93F}\u{928}\"}",
        ]
        #expect(try rows([list]).map { Array($0.utf8) } == wanted.map { Array($0.utf8) })
    }

    @Test(
        "a file list that is not in order is refused with its line",
        arguments: [
            ("/r\na.wav\n", "A\n", 2),
            ("/r\na.wav\tx\n", "A\n", 2),
            ("/r\na.wav\t1\t2\n", "A\n", 2),
            ("/r\na.wav\t1\n", "A\nB\n", 2),
            ("", "", 1),
        ])
    func badFileList(list: String, words: String, line: Int) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("t.tsv", list)
        try folder.write("t.wrd", words)
        let error = try #require(failure([path]))
        #expect(error.code == .invalid)
        #expect(error.line == line)
    }

    @Test("too few references are refused too")
    func fewReferences() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("t.tsv", "/r\na.wav\t1\nb.wav\t1\n")
        try folder.write("t.wrd", "A\n")
        #expect(failure([path])?.message.contains("fewer lines") == true)
    }

    @Test("paths of a file list are bytes, its references are text")
    func fileListOfBytes() throws {
        let folder = try TemporaryFolder()
        let list = try folder.write(
            "t.tsv", [0x2F, 0x72, 0xC3, 0x0A] + [0xE9] + Array(".wav\t1\n".utf8))
        try folder.write("t.wrd", "A\n")
        #expect(
            try rows([list]) == [
                "{\"audio_filepath\":\"/r\u{FFFD}/\u{FFFD}.wav\","
                    + "\"audio_filepath_bytes\":\"L3LDL+kud2F2\",\"text\":\"A\"}"
            ])
        try folder.write("t.wrd", [0xE9, 0x0A])
        #expect(failure([list])?.message == "not UTF-8")
    }

    @Test("an input, a pattern and a manifest's rows may have names that are not UTF-8")
    func namesOfBytes() throws {
        let folder = try TemporaryFolder()
        let name = PathBytes(bytes: Array("\(folder.path)/caf".utf8) + [0xE9] + Array(".wav".utf8))
        try write(name)
        let shown = "\(folder.path)/caf\u{FFFD}.wav"
        let bytes = Data(name.bytes).base64EncodedString()
        let row = "{\"audio_filepath\":\"\(shown)\",\"audio_filepath_bytes\":\"\(bytes)\"}"
        #expect(try rows([name]) == [row])
        #expect(try rows(["\(folder.path)/c*.wav"]) == [row])

        let relative = "{\"n\":1,\"audio_filepath\":\"caf\u{FFFD}.wav\","
        let moved = "{\"n\":1,\"audio_filepath\":\"\(shown)\","
        let own = Data(name.name).base64EncodedString()
        let a = try folder.write("a.jsonl", relative + "\"audio_filepath_bytes\":\"\(own)\"}\n")
        let b = try folder.write("b.jsonl", "{\"audio_filepath\":\"s3://b/a.wav\"}\n")
        #expect(
            try rows([a, b]) == [
                moved + "\"audio_filepath_bytes\":\"\(bytes)\"}",
                "{\"audio_filepath\":\"s3://b/a.wav\"}",
            ])
        // A manifest in a folder whose name is no text is copied, since jobs know folders as text.
        let odd = PathBytes(bytes: Array("\(folder.path)/".utf8) + [0xFF])
        #expect(odd.withCString { mkdir($0, 0o755) } == 0)
        let manifest = odd.joined("m.jsonl")
        try write(manifest, "{\"audio_filepath\":\"x.wav\"}\n")
        let expected = Data(odd.joined("x.wav").bytes).base64EncodedString()
        #expect(try rows([manifest])[0].hasSuffix("\"audio_filepath_bytes\":\"\(expected)\"}"))
    }

    private func write(_ path: PathBytes, _ text: String = "x") throws {
        let descriptor = path.withCString { open($0, O_WRONLY | O_CREAT | O_TRUNC, 0o644) }
        try #require(descriptor >= 0)
        _ = Array(text.utf8).withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        close(descriptor)
    }

    @Test(
        "a manifest in UTF-16 or UTF-32 is refused in one sentence, with or without a mark",
        arguments: ["m.jsonl", "m.txt", "m.tsv"], ["", "\u{FEFF}"])
    func otherEncodings(name: String, mark: String) throws {
        let folder = try TemporaryFolder()
        let text = mark + "{\"audio_filepath\":\"é.wav\"}\n"
        for (encoding, expected) in [
            (String.Encoding.utf16LittleEndian, "UTF-16LE"), (.utf16BigEndian, "UTF-16BE"),
            (.utf32LittleEndian, "UTF-32LE"), (.utf32BigEndian, "UTF-32BE"),
        ] {
            let data = try #require(text.data(using: encoding))
            let path = try folder.write(name, Array(data))
            var found: ManifestError?
            do throws(ManifestError) {
                let resolved = try InputResolver([PathBytes(path)]).resolve()
                switch resolved {
                case .manifest(let path, _): _ = try ManifestFile(path: path).digest()
                case .rows(let rows, _): try rows.forEachRow { _ in }
                }
            } catch {
                found = error
            }
            #expect(found?.code == .encoding, "\(expected)")
            #expect(found?.message.contains(expected) == true, "\(expected)")
        }
    }

    @Test("a recording that begins like such a text is a recording")
    func notAnEncoding() throws {
        let folder = try TemporaryFolder()
        for start: [UInt8] in [[0xFF, 0xFE, 0x18, 0xC4], [1, 0, 2, 0], [4, 0, 0, 0]] {
            let path = try folder.write("clip.bin", start + [UInt8](repeating: 7, count: 64))
            #expect(try rows([path]).count == 1)
        }
    }

    @Test("several manifests become one, and relative paths keep their meaning")
    func severalManifests() throws {
        let folder = try TemporaryFolder()
        let a = try folder.write(
            "x/a.jsonl", "{\"k\":1, \"audio_filepath\" : \"a.wav\"}\n\n{broken\n")
        let b = try folder.write("y/b.jsonl", "{\"audio_filepath\":\"/abs.wav\",\"z\":\"é\"}\n")
        #expect(
            try rows([a, b]) == [
                "{\"k\":1, \"audio_filepath\" : \"\(folder.path)/x/a.wav\"}", "{broken",
                "{\"audio_filepath\":\"/abs.wav\",\"z\":\"é\"}",
            ])
    }

    @Test(
        "paths besides the audio move with their manifest where the command reads them, and nowhere else"
    )
    func furtherPaths() throws {
        let folder = try TemporaryFolder()
        let a = try folder.write(
            "x/a.jsonl",
            #"{"audio_filepath":"a.wav", "text_filepath" : "texts/a.txt","logits_filepath":"a.npy"}"#
                + "\n"
                + #"{"audio_filepath":"/b.wav","text_filepath":"/b.txt","logits_filepath":""}"#
                + "\n" + #"{"logits_filepath":"c.npy","text_filepath":null}"# + "\n{broken\n")
        let b = try folder.write("y/b.jsonl", #"{"audio_filepath":"file:///c.wav"}"# + "\n")
        func rows(_ furtherPaths: [String]) throws -> [String] {
            let resolver = InputResolver(
                [PathBytes(a), PathBytes(b)], furtherPaths: furtherPaths)
            guard case .rows(let rows, _) = try resolver.resolve() else { return [] }
            var lines: [String] = []
            try rows.forEachRow { lines.append(String(decoding: $0, as: UTF8.self)) }
            return lines
        }
        let x = "\(folder.path)/x"
        let kept = [
            #"{"audio_filepath":"/b.wav","text_filepath":"/b.txt","logits_filepath":""}"#,
            #"{"logits_filepath":"\#(x)/c.npy","text_filepath":null}"#, "{broken",
            #"{"audio_filepath":"file:///c.wav"}"#,
        ]
        #expect(
            try rows([]) == [
                #"{"audio_filepath":"\#(x)/a.wav", "text_filepath" : "texts/a.txt","logits_filepath":"a.npy"}"#
            ] + kept)
        #expect(
            try rows(["text_filepath", "logits_filepath"]) == [
                #"{"audio_filepath":"\#(x)/a.wav", "text_filepath" : "\#(x)/texts/a.txt","#
                    + #""logits_filepath":"\#(x)/a.npy"}"#
            ] + kept)
    }

    @Test("a pipe is read as a manifest, blank lines kept so that numbers stay")
    func pipe() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/pipe"
        #expect(mkfifo(path, 0o600) == 0)
        let writer = Thread {
            try? Data("{\"a\":1}\r\n\n{\"b\":2}".utf8).write(to: URL(filePath: path), options: [])
        }
        writer.start()
        #expect(try rows([path]) == ["{\"a\":1}", "", "{\"b\":2}"])
    }

    @Test("what is missing or compressed is refused with its name")
    func refused() throws {
        let folder = try TemporaryFolder()
        let packed = try folder.write("a.jsonl.gz", "x")
        #expect(failure([packed])?.code == .invalid)
        #expect(failure(["\(folder.path)/none.wav"])?.code == .notFound)
        #expect(failure(["-", "-"])?.code == .invalid)
    }

    @Test("rows are written as a manifest, complete or not at all")
    func writes() throws {
        let folder = try TemporaryFolder()
        let good = try folder.write("in/a.wav", "x")
        let bad = try folder.write("bad.tsv", "/r\noops\n")
        let target = "\(folder.path)/input.jsonl"
        let refused = try resolvedRows([PathBytes(good), PathBytes(bad)]).rows
        #expect(throws: ManifestError.self) { try refused.write(to: target) }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == [
                "bad.tsv", "in",
            ])
        let (rows, base) = try resolvedRows([PathBytes(good)])
        #expect(try rows.write(to: target).lineCount == 1)
        #expect(
            try String(contentsOfFile: target, encoding: .utf8)
                == "{\"audio_filepath\":\"\(good)\"}\n")
        #expect(base == FileManager.default.currentDirectoryPath)
    }
}
