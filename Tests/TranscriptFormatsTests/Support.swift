import Foundation
import SpeechTypes
import TranscriptFormats
import TranscriptParts
import TranscriptRows

/// Two recordings whose headers are known, without a file.
struct TwoRecordings: RecordingFiles {
    func location(of audio: PathBytes) -> PathBytes? { PathBytes("/recordings").joined(audio) }

    func facts(of audio: PathBytes) -> RecordingFacts? {
        switch audio.text {
        case "audio/rec-a.wav":
            RecordingFacts(sampleRate: 16_000, channelCount: 1, frameCount: 192_037)
        case "audio/rec-b.wav":
            RecordingFacts(sampleRate: 8_000, channelCount: 2, frameCount: 29_600_000)
        default: nil
        }
    }

    func samples(of segment: TranscriptSegment) throws(ExportError) -> [Float] {
        Array(repeating: 0.25, count: segment.duration.frames(rate: 16_000))
    }
}

/// A folder that is gone at the end of the test.
final class ScratchFolder {
    let path: String

    init() throws {
        path =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("formats-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file and returns its path.
    func write(_ text: String, to name: String = "out.jsonl") throws -> String {
        let file = "\(path)/\(name)"
        try text.write(toFile: file, atomically: false, encoding: .utf8)
        return file
    }

    /// The files below, by their paths from here.
    func files(below folder: String) throws -> [String: String] {
        try FileTree.files(below: "\(path)/\(folder)")
    }
}

enum FileTree {
    static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/transcripts").path
    static let repository = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    static func files(below folder: String) throws -> [String: String] {
        var files: [String: String] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
            var isFolder: ObjCBool = false
            let path = "\(folder)/\(name)"
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder),
                !isFolder.boolValue
            else { continue }
            files[name] = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
        }
        return files
    }
}

/// Exports `records` as `format` and returns what was written, by its path.
func exported(
    _ records: String, as format: String, speakers: Set<String> = [], rows: ExportedRows = .records,
    lengths: SegmentLengths? = nil,
    _ change: (inout ExportContext) -> Void = { _ in }
) throws -> (files: [String: String], summary: TranscriptExport.Summary) {
    let scratch = try ScratchFolder()
    var context = ExportContext(recordings: TwoRecordings())
    change(&context)
    guard let form = TranscriptFormats.named(format) else {
        preconditionFailure("no format \(format)")
    }
    let isFile = form.layout == .oneFile
    let place = "\(scratch.path)/to/\(isFile ? "out" : "")"
    try FileManager.default.createDirectory(
        atPath: "\(scratch.path)/to", withIntermediateDirectories: true)
    var export = TranscriptExport(form, to: .path(place), context)
    export.speakers = speakers
    export.rows = rows
    export.lengths = lengths
    let summary = try export.run(outputAt: scratch.write(records))
    return (try scratch.files(below: "to"), summary)
}

/// A record as the program writes it.
func record(
    _ audio: String, _ text: String, at offset: String = "0", lasting duration: String = "2",
    _ more: String = "", words: [(String, String, String)]? = nil
) -> String {
    let items = words.map { words in
        ",\"word_timestamps\":["
            + words.map { "{\"word\":\"\($0.0)\",\"start\":\($0.1),\"end\":\($0.2)}" }
            .joined(separator: ",") + "]"
    }
    return "{\"audio_filepath\":\"\(audio)\",\"offset\":\(offset),\"duration\":\(duration),"
        + "\"pred_text\":\"\(text)\"\(items ?? "")\(more),\"status\":\"transcribed\"}\n"
}
