internal import AudioFolders
internal import Manifests
internal import SpeechTypes

/// A data folder of Kaldi: `wav.scp` with the recordings, and beside it `segments`, `text`, `utt2spk`,
/// `utt2lang`, `utt2dur` and `reco2file_and_channel` where there are.
///
/// https://kaldi-asr.org/doc/data_prep.html
struct KaldiFolder: InputForm {
    private let folder: PathBytes
    private let recordings: PathBytes

    static let page = InputFormPage(
        help: "wav.scp of a Kaldi folder", choice: "kaldi", name: "Kaldi folder",
        recognisedBy: "`wav.scp` named; any folder or list with `--input-form kaldi`",
        rows:
            "an utterance of `segments`, or else of `wav.scp`; its `id`; text, speaker, language and channel from `text`, "
            + "`utt2spk`, `utt2lang` and `reco2file_and_channel` beside it; relative paths start at the working folder; "
            + "[commands](#commands) are run only where that is allowed")

    private static let listName = "wav.scp"

    var namesChannels: Bool { true }

    static func recognise(_ candidate: InputCandidate) throws(ManifestError) -> Self? {
        if candidate.isForced, candidate.kind == .folder {
            guard let list = candidate.path.list(PathBytes(listName)) else {
                throw ManifestError(
                    .invalid, candidate.path.text, "has no \(listName), so it is no Kaldi folder")
            }
            return Self(folder: candidate.path, recordings: list)
        }
        let isNamed = candidate.listName.name.elementsEqual(listName.utf8)
        guard candidate.kind == .regularFile, isNamed || candidate.isForced else { return nil }
        return Self(folder: candidate.path.folder, recordings: candidate.path)
    }

    func forEachRow(
        _ context: InputContext, _ sink: (InputRow) throws(ManifestError) -> Void
    ) throws(ManifestError) -> SkippedEntries {
        let tables = try KaldiTables(folder)
        if let segments = folder.list("segments") {
            let wavs = try KeyedLines.byFirstField(recordings)
            let lines = try InputLines(segments)
            while let line = try lines.nextRow() {
                try sink(.described(try segment(line, wavs, tables)))
            }
        } else {
            let lines = try InputLines(recordings)
            while let line = try lines.nextRow() {
                let utterance = line.keyAndRest().key
                var row = try recording(line, named: utterance, tables)
                row.duration = try tables.duration(of: utterance)
                try tables.describe(&row, utterance, line)
                try sink(.described(row))
            }
        }
        return SkippedEntries()
    }

    /// A line of `segments`: utterance, recording, start, end, and in some a channel from 0.
    private func segment(
        _ line: InputLine, _ wavs: KeyedLines, _ tables: KaldiTables
    ) throws(ManifestError) -> RowDescription {
        let fields = line.fields
        guard fields.count == 4 || fields.count == 5 else {
            throw line.error("not an utterance, a recording, a start and an end")
        }
        let name = Array(fields[1])
        guard let wav = try wavs.line(of: name) else {
            throw line.error("\(wavs.path.text) has no recording \(try line.text(name))")
        }
        guard let start = DecimalSeconds(fields[2]), start.nanoseconds >= 0 else {
            throw line.error("the start \(try line.text(fields[2])) is not a number of seconds")
        }
        guard let end = DecimalSeconds(fields[3]) else {
            throw line.error("the end \(try line.text(fields[3])) is not a number of seconds")
        }
        var row = try recording(wav, named: name, tables)
        row.offset = start.text
        // -1 stands for the end of the recording.
        if end.nanoseconds != -1_000_000_000 {
            guard end > start else { throw line.error("the end is not behind the start") }
            row.duration = (end - start).text
        }
        if fields.count == 5 {
            guard let channel = Int(try line.text(fields[4])), 0..<1_024 ~= channel else {
                throw line.error(
                    "the channel \(try line.text(fields[4])) is not a number from 0 on")
            }
            row.channel = channel
        }
        try tables.describe(&row, Array(fields[0]), line)
        return row
    }

    /// A line of `wav.scp`: a name, and a path, a place in an archive, or a command.
    private func recording(
        _ line: InputLine, named name: [UInt8], _ tables: KaldiTables
    ) throws(ManifestError) -> RowDescription {
        let path = PathBytes(bytes: try line.pathBytes(line.keyAndRest().rest))
        guard !path.bytes.isEmpty, path != "-" else {
            throw line.error("not a name and the path of a recording")
        }
        let command = ShellCommand.source(of: path)
        var row = RowDescription(command?.path ?? path)
        row.channel = command?.channel
        if row.channel == nil { row.channel = try tables.channel(of: name) }
        return row
    }
}

/// What stands beside `wav.scp`.
private struct KaldiTables {
    private let text: KeyedLines?
    private let speakers: KeyedLines?
    private let languages: KeyedLines?
    private let durations: KeyedLines?
    private let channels: KeyedLines?

    init(_ folder: PathBytes) throws(ManifestError) {
        func table(_ name: String) throws(ManifestError) -> KeyedLines? {
            guard let path = folder.list(PathBytes(name)) else { return nil }
            return try .byFirstField(path)
        }
        text = try table("text")
        speakers = try table("utt2spk")
        languages = try table("utt2lang")
        durations = try table("utt2dur")
        channels = try table("reco2file_and_channel")
    }

    /// What is known of an utterance besides its audio.
    func describe(
        _ row: inout RowDescription, _ utterance: [UInt8], _ line: InputLine
    ) throws(ManifestError) {
        row.id = try line.text(utterance)
        row.text = try value(text, utterance)
        row.speaker = try value(speakers, utterance)
        row.language = try value(languages, utterance)
    }

    func duration(of utterance: [UInt8]) throws(ManifestError) -> String? {
        guard let line = try durations?.line(of: utterance) else { return nil }
        guard let seconds = DecimalSeconds(line.keyAndRest().rest), seconds.nanoseconds > 0 else {
            throw line.error("not an utterance and a number of seconds")
        }
        return seconds.text
    }

    /// The last field: `A` for the first channel, or a number from 1.
    func channel(of recording: [UInt8]) throws(ManifestError) -> Int? {
        guard let line = try channels?.line(of: recording) else { return nil }
        let name = line.fields.last ?? []
        if line.fields.count == 3 {
            if name.count == 1, let letter = name.first,
                (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(letter)
            {
                return Int(letter - UInt8(ascii: "A"))
            }
            if let number = Int(String(decoding: name, as: UTF8.self)), 1...1_024 ~= number {
                return number - 1
            }
        }
        throw line.error("not a recording, a file and a channel (A, B, … or 1, 2, …)")
    }

    private func value(_ table: KeyedLines?, _ key: [UInt8]) throws(ManifestError) -> String? {
        guard let line = try table?.line(of: key) else { return nil }
        return try line.text(line.keyAndRest().rest)
    }
}
