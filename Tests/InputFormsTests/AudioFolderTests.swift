import AudioFolders
import Foundation
import Glibc
import InputForms
import Manifests
import SpeechTypes
import TemporaryFolders
import Testing

@Suite("Folders as inputs") struct AudioFolderTests {
    private let folder: TemporaryFolder
    private var root: String { "\(folder.path)/in" }

    init() throws { folder = try TemporaryFolder() }

    /// Paths below the folder, and what is left out of it.
    private func list(
        _ options: FolderOptions = FolderOptions(), of input: String? = nil
    ) throws -> (files: [String], leftOut: SkippedEntries) {
        let root = input ?? root
        let rows = try resolvedRows([PathBytes(root)], folders: options).rows
        var files: [String] = []
        let leftOut = try rows.forEachRow { line in
            let row = try? ManifestRow.parse(raw: line)
            files.append(String((row?.audioPath.text ?? "?").dropFirst(root.utf8.count + 1)))
        }.leftOut
        return (files, leftOut)
    }

    private func counts(_ leftOut: SkippedEntries) -> [SkipReason: Int] {
        leftOut.kinds.mapValues(\.count)
    }

    /// Files whose content begins with "sound" are audio.
    private func judging() -> FolderOptions {
        var options = FolderOptions()
        options.judge = { path in
            guard let data = FileManager.default.contents(atPath: path.text) else {
                return .unreadable
            }
            return data.starts(with: Data("sound".utf8)) ? .audio : .notAudio
        }
        return options
    }

    @Test("content decides where the name does not; what is left out is counted, with examples")
    func content() throws {
        try folder.write("in/a.wav", "broken")
        try folder.write("in/b", "sound")
        try folder.write("in/c.mystery", "sound")
        for name in ["1.jpg", "2.txt", "3.pdf", "4"] { try folder.write("in/d/\(name)", "x") }
        try folder.write("in/.hidden.wav", "sound")
        try folder.write("in/.git/x.wav", "sound")
        let (files, leftOut) = try list(judging())
        #expect(files == ["a.wav", "b", "c.mystery"])
        #expect(counts(leftOut) == [.notAudio: 4, .hidden: 2])
        #expect(
            leftOut.sentence.hasSuffix(
                "4 that no decoder knows: \(root)/d/1.jpg, \(root)/d/2.txt, \(root)/d/3.pdf, …; "
                    + "2 hidden: \(root)/.git, \(root)/.hidden.wav"))
    }

    @Test("many files are judged at once, and come in order all the same")
    func order() throws {
        let names = (0..<3_000).map { String($0 + 10_000) }
        for (index, name) in names.enumerated() where index.isMultiple(of: 2) {
            try folder.write("in/\(name)", index.isMultiple(of: 3) ? "x" : "sound")
        }
        let (files, leftOut) = try list(judging())
        let even = names.indices.filter { $0.isMultiple(of: 2) }
        #expect(files == even.filter { !$0.isMultiple(of: 3) }.map { names[$0] })
        #expect(counts(leftOut) == [.notAudio: 500])
    }

    @Test("names are bytes: what is not UTF-8 stands in Base64 beside its text")
    func bytes() throws {
        try folder.write("in/plain.wav", "x")
        let names: [[UInt8]] = [
            Array("caf".utf8) + [0xE9] + Array(".wav".utf8),
            [0x93, 0xFA, 0x96] + Array("{.wav".utf8),
        ]
        for name in names {
            let path = PathBytes(root).joined(PathBytes(bytes: name))
            let file = path.withCString { open($0, O_WRONLY | O_CREAT, 0o644) }
            try #require(file >= 0)
            close(file)
        }
        let rows = try resolvedRows([PathBytes(root)]).rows
        var lines: [String] = []
        var paths: [PathBytes] = []
        try rows.forEachRow { line in
            lines.append(String(decoding: line, as: UTF8.self))
            if let row = try? ManifestRow.parse(raw: line) { paths.append(row.audioPath) }
        }
        let expected = [names[0], Array("plain.wav".utf8), names[1]]
        #expect(paths.map { Array($0.name) } == expected)
        let shown = "{\"audio_filepath\":\"\(root)/caf\u{FFFD}.wav\",\"audio_filepath_bytes\":\""
        #expect(lines[0].hasPrefix(shown))
        #expect(lines[1] == "{\"audio_filepath\":\"\(root)/plain.wav\"}")
    }

    @Test("links are counted by where they lead, and followed where that is asked for")
    func links() throws {
        let outside = try TemporaryFolder()
        try outside.write("x/e.wav", "x")
        try folder.write("in/a.wav", "x")
        try folder.write("in/sub/b.wav", "x")
        for (name, target) in [
            ("blob.wav", "\(outside.path)/x/e.wav"), ("far", outside.path), ("near", "sub"),
            ("same.wav", "a.wav"), ("none.wav", "nowhere"), ("self.wav", "self.wav"), ("up", ".."),
            ("ring", "."),
        ] { #expect(symlink(target, "\(root)/\(name)") == 0) }
        #expect(mkfifo("\(root)/pipe.wav", 0o600) == 0)
        #expect(symlink("pipe.wav", "\(root)/pipe-link.wav") == 0)

        let (files, leftOut) = try list()
        #expect(files == ["a.wav", "same.wav", "sub/b.wav"])
        #expect(
            counts(leftOut) == [
                .linkOutside: 1, .linkToFolder: 4, .brokenLink: 2, .specialFile: 2,
            ])

        var options = FolderOptions()
        options.followsLinks = true
        let followed = try list(options)
        #expect(
            followed.files == [
                "a.wav", "blob.wav", "far/x/e.wav", "near/b.wav", "same.wav", "sub/b.wav",
            ])
        // The folder above holds this one again: it is entered, and the way back is not; nor is a link to
        // the folder that it lies in.
        #expect(counts(followed.leftOut) == [.brokenLink: 2, .specialFile: 2, .linkLoop: 2])
    }

    @Test("of a hub's cache the snapshots are rows, under their names and once")
    func hubCache() throws {
        try folder.write("in/refs/main", "0f")
        try folder.write("in/blobs/77aa", "sound")
        try folder.write("in/snapshots/0f/none.txt", "x")
        #expect(symlink("../../blobs/77aa", "\(root)/snapshots/0f/a.wav") == 0)
        let (files, leftOut) = try list(judging())
        #expect(files == ["snapshots/0f/a.wav"])
        #expect(counts(leftOut) == [.hidden: 1, .notAudio: 2])
    }

    @Test("chains of links that double at each step are cut")
    func manyLinks() throws {
        for step in 0..<20 {
            try folder.write("in/\(step)/a.wav", "x")
            for name in ["l", "m"] {
                #expect(symlink("../\(step + 1)", "\(root)/\(step)/\(name)") == 0)
            }
        }
        var options = FolderOptions()
        options.followsLinks = true
        let (files, leftOut) = try list(options, of: "\(root)/0")
        #expect(files.count == (1 << 9) - 1)
        #expect(counts(leftOut) == [.linkLoop: 1 << 9])
    }

    @Test("a folder may be named through a link, with a slash at its end, and from itself")
    func names() throws {
        try folder.write("in/a.wav", "x")
        let alias = "\(folder.path)/alias"
        #expect(symlink(root, alias) == 0)
        #expect(try list(of: alias).files == ["a.wav"])
        #expect(try list(of: "\(root)/").files == [".wav"])
    }

    @Test("a job that an earlier version began keeps its list, and hears of what it leaves out")
    func earlierRule() throws {
        for name in ["a.wav", "b.mp2", "c", "d.txt"] {
            try folder.write("in/\(name)", name == "d.txt" ? "x" : "sound")
        }
        var options = judging()
        options.rule = .earlierNames
        let (files, leftOut) = try list(options)
        #expect(files == ["a.wav"])
        #expect(counts(leftOut) == [.earlierList: 2, .notAudio: 1])
        #expect(try list(judging()).files == ["a.wav", "b.mp2", "c"])
    }

    @Test("a file that a job's rows name is not judged again")
    func recorded() throws {
        for name in ["a", "b", "c"] { try folder.write("in/\(name)", "sound") }
        let rows = try folder.write("rows.jsonl", "{\"audio_filepath\":\"\(root)/b\"}\n{bad\n")
        for name in ["a", "b"] { try folder.write("in/\(name)", "written over") }
        var options = judging()
        options.recordedRows = rows
        let (files, leftOut) = try list(options)
        #expect(files == ["b", "c"])
        #expect(counts(leftOut) == [.notAudio: 1])
    }
}
