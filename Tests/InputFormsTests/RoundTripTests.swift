import Foundation
import InputForms
import Manifests
import SpeechTypes
import TemporaryFolders
import Testing
import TranscriptFormats
import TranscriptRows

/// What `export` writes is an input that says the same again.
@Suite("Exported and read again") struct RoundTripTests {
    /// The recordings of the fixtures, without a file.
    private struct Recordings: RecordingFiles {
        func location(of audio: PathBytes) -> PathBytes? { PathBytes("/recordings").joined(audio) }

        func facts(of audio: PathBytes) -> RecordingFacts? {
            audio.text.hasSuffix("rec-a.wav")
                ? RecordingFacts(sampleRate: 16_000, channelCount: 1, frameCount: 192_037)
                : RecordingFacts(sampleRate: 8_000, channelCount: 2, frameCount: 29_600_000)
        }

        func samples(of segment: TranscriptSegment) throws(ExportError) -> [Float] {
            Array(repeating: 0.25, count: segment.duration.frames(rate: 16_000))
        }
    }

    private static let transcripts = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/transcripts").path

    /// Writes the records of the fixture in a format and gives the path.
    private func exported(_ records: String, as name: String, in folder: TemporaryFolder) throws
        -> String
    {
        let form = try #require(TranscriptFormats.named(name))
        let target = "\(folder.path)/\(UUID().uuidString)"
        let input = try folder.write("\(UUID().uuidString).jsonl", records)
        _ = try TranscriptExport(form, to: .path(target), ExportContext(recordings: Recordings()))
            .run(outputAt: input)
        return target
    }

    private var records: String {
        get throws {
            try String(contentsOfFile: "\(Self.transcripts)/records.jsonl", encoding: .utf8)
        }
    }

    private func rows(_ input: String, as form: String?) throws -> [String] {
        let resolved = try InputResolver([PathBytes(input)], form: form).resolve()
        var lines: [String] = []
        switch resolved {
        case .manifest(let path, _):
            lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(
                String.init)
        case .rows(let rows, _):
            try rows.forEachRow { lines.append(String(decoding: $0, as: UTF8.self)) }
        }
        return lines
    }

    /// The rows as if a model had heard what their references say.
    private func transcribed(_ rows: [String]) throws -> String {
        try rows.map { row in
            guard !row.contains("\"pred_text\":") else {
                return row.dropLast() + ",\"status\":\"transcribed\"}\n"
            }
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(row.utf8)) as? [String: Any])
            let text = try JSONSerialization.data(
                withJSONObject: object["text"] as? String ?? "", options: .fragmentsAllowed)
            return row.dropLast() + ",\"pred_text\":" + String(decoding: text, as: UTF8.self)
                + ",\"status\":\"transcribed\"}\n"
        }.joined()
    }

    private func files(_ path: String) throws -> [String: String] {
        var isFolder: ObjCBool = false
        _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        guard isFolder.boolValue else {
            return ["": try String(contentsOfFile: path, encoding: .utf8)]
        }
        let names = try FileManager.default.subpathsOfDirectory(atPath: path)
        var files: [String: String] = [:]
        for name in names where !name.hasSuffix(".wav") {
            files[name] = try? String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)
        }
        return files
    }

    @Test(
        "a format that keeps all of a row is the same bytes after the round",
        arguments: [("kaldi", "kaldi"), ("nemo", "jsonl"), ("csv", "csv")])
    func bytes(format: String, form: String) throws {
        let folder = try TemporaryFolder()
        // Absolute, since the lists lie elsewhere than the recordings.
        let records = try records.replacing(
            "\"audio_filepath\":\"audio/", with: "\"audio_filepath\":\"/recordings/audio/")
        let first = try exported(records, as: format, in: folder)
        let rows = try rows(first, as: form)
        #expect(rows.count == 6)
        let second = try exported(transcribed(rows), as: format, in: folder)
        #expect(try files(first) == files(second))
        #expect(try !files(first).isEmpty)
    }

    @Test(
        "what a list of every form tells of its rows is what the records said",
        arguments: [
            ("kaldi", "kaldi", ""), ("lhotse", "lhotse", ""), ("nemo", "jsonl", ""),
            ("csv", "csv", ""),
            ("fairseq", "fairseq", "/train.tsv"), ("audiofolder", "audiofolder", ""),
        ])
    func facts(format: String, form: String, list: String) throws {
        let folder = try TemporaryFolder()
        let path = try exported(records, as: format, in: folder) + list
        let rows = try rows(path, as: form)
        let expected = try facts(records.split(separator: "\n").map(String.init), "pred_text")
        var found = try facts(rows, "text")
        #expect(found.count == 6)
        let keys: Set<String> =
            switch format {
            case "fairseq": ["text"]
            case "audiofolder": ["text", "id", "speaker", "channel", "language"]
            case "kaldi": ["text", "id", "speaker", "channel", "offset", "duration", "audio"]
            case "csv": ["text", "id", "speaker", "channel", "offset", "duration", "audio"]
            default:
                ["text", "id", "speaker", "channel", "offset", "duration", "audio", "language"]
            }
        found = found.map { $0.filter { keys.contains($0.key) } }
        let wanted = expected.map { $0.filter { keys.contains($0.key) } }
        func sorted(_ facts: [[String: String]]) -> [String] {
            facts.map { row in row.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" } }
                .map { $0.joined(separator: " ") }.sorted()
        }
        #expect(sorted(found) == sorted(wanted))
    }

    private func facts(_ rows: [String], _ textKey: String) throws -> [[String: String]] {
        try rows.compactMap { row in
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(row.utf8)) as? [String: Any])
            guard object["error"] == nil else { return nil }
            var facts: [String: String] = [:]
            let path = try #require(object["audio_filepath"] as? String)
            facts["audio"] = String(path.suffix(15))
            facts["text"] = object[textKey] as? String
            for key in ["id", "speaker"] { facts[key] = object[key] as? String }
            facts["language"] = (object["language"] ?? object["lang"]) as? String
            facts["channel"] = (object["channel"] as? Int).map(String.init)
            for key in ["offset", "duration"] {
                facts[key] = (object[key] as? Double).map { String(format: "%.6f", $0) }
            }
            return facts
        }
    }
}
