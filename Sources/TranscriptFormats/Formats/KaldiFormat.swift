internal import SpeechTypes
internal import TranscriptRows

/// A data folder as Kaldi's `validate_data_dir.sh` accepts it.
struct KaldiFormat: FolderFormat {
    let name = "kaldi"
    let summary = "Kaldi's data folder: wav.scp, segments, text …"
    let layout = ExportLayout.folder
    let fields: Set<TranscriptField> = [.path, .id, .speaker, .channel, .span, .text]

    func makeWriter(
        in folder: String, _ context: ExportContext
    ) throws(ExportError) -> any FolderWriter {
        KaldiWriter(in: folder, context)
    }

    /// The name of a speaker in front of utterances: with bytes up to the hyphen as underscores, since
    /// Kaldi wants one order for utterances and for their speakers.
    static func speakerName(_ speaker: String) -> String {
        String(
            String.UnicodeScalarView(
                FlatText.token(speaker).unicodeScalars.map { $0.value <= 0x2D ? "_" : $0 }))
    }
}

/// An utterance and its speaker as Kaldi has them.
struct KaldiUtterance {
    let id: String
    let speaker: String

    /// - Throws: `unspeakable` for a segment without a length.
    init(_ segment: TranscriptSegment) throws(ExportError) {
        guard segment.start.milliseconds < segment.end.milliseconds else {
            throw ExportError(
                .unspeakable, "line \(segment.lineNumber) has no length, which Kaldi refuses")
        }
        let name = FlatText.token(segment.id)
        guard let speaker = segment.speaker.map(KaldiFormat.speakerName) else {
            id = name
            speaker = name
            return
        }
        self.speaker = speaker
        id = name.hasPrefix(speaker + "-") ? name : "\(speaker)-\(name)"
    }
}

/// Sorts what there is by utterance, by speaker and by recording, and then writes all files.
private final class KaldiWriter: FolderWriter {
    private let folder: String
    private let context: ExportContext
    private let utterances: ExternalSort
    private let speakers: ExternalSort
    private let recordings: ExternalSort
    private var knowsAllDurations = true

    init(in folder: String, _ context: ExportContext) {
        self.folder = folder
        self.context = context
        utterances = ExternalSort(in: folder)
        speakers = ExternalSort(in: folder)
        recordings = ExternalSort(in: folder)
    }

    func write(_ recording: TranscribedRecording) throws(ExportError) {
        let facts = context.recordings.facts(of: recording.audio)
        let path = (context.recordings.location(of: recording.audio) ?? recording.audio).text
        guard !path.utf8.contains(0x0A), !path.hasSuffix("|") else {
            throw ExportError(
                .unspeakable, "\(path): Kaldi cannot read a file of this name; rename it")
        }
        let name = FlatText.token(recording.id)
        let isParted = recording.channels.contains { $0 ?? 0 > 0 } || facts?.channelCount ?? 1 > 1
        for channel in recording.channels {
            let letter = channel.map(ChannelLetter.text)
            let id = isParted ? name + "-" + (letter ?? "mix") : name
            var line = Array((id + " ").utf8)
            if isParted {
                // Kaldi reads one channel, which only a command can take out of several.
                let quoted = path.replacing("'", with: "'\\''")
                line +=
                    "sox '\(quoted)' -t wav - remix \(channel.map { String($0 + 1) } ?? "-") |".utf8
            } else {
                line += path.utf8
            }
            line += "\n\(id) \(name) \(letter ?? "A")\n\(id) ".utf8
            if let facts {
                line.appendExactSeconds(facts.duration)
            } else {
                knowsAllDurations = false
            }
            try recordings.add(key: Array(id.utf8), line)
            for segment in recording.segments where segment.channel == channel {
                try add(segment, recordingID: id)
            }
        }
    }

    private func add(_ segment: TranscriptSegment, recordingID: String) throws(ExportError) {
        let text = FlatText.flat(segment.text)
        for word in text.split(separator: " ") where ["<s>", "</s>", "#0"].contains(word) {
            throw ExportError(
                .unspeakable,
                "line \(segment.lineNumber) says \(word), which Kaldi keeps for itself")
        }
        let utterance = try KaldiUtterance(segment)
        var key = Array(utterance.id.utf8)
        key.append(0)
        withUnsafeBytes(of: segment.lineNumber.bigEndian) { key += $0 }
        var rest = Array("\(utterance.speaker)\0\(recordingID) ".utf8)
        rest.appendSeconds(segment.start)
        rest.append(UInt8(ascii: " "))
        rest.appendSeconds(segment.end)
        rest.append(0)
        rest.appendSeconds(ms: segment.end.milliseconds - segment.start.milliseconds)
        rest.append(0)
        rest += text.utf8
        try utterances.add(key: key, rest)
        try speakers.add(key: Array("\(utterance.speaker)\0\(utterance.id)".utf8), [])
    }

    func finish() throws(ExportError) {
        try writeUtterances()
        try writeSpeakers()
        try writeRecordings()
    }

    private func writeUtterances() throws(ExportError) {
        let names = ["utt2spk", "segments", "utt2dur", "text"]
        var files: [OutputFile] = []
        for name in names { files.append(try OutputFile("\(folder)/\(name)")) }
        var previous: [UInt8] = []
        var previousSpeaker: [UInt8] = []
        var previousLine = 0
        try utterances.forEach { key, payload throws(ExportError) in
            let id = Array(key.dropLast(9))
            let line = key.loadUnaligned(fromByteOffset: key.count - 8, as: Int.self).bigEndian
            let fields = payload.split(separator: 0, maxSplits: 3, omittingEmptySubsequences: false)
            if previousLine > 0, id == previous {
                throw ExportError.sameID(
                    String(decoding: id, as: UTF8.self), lines: previousLine, line, "Kaldi")
            }
            let speaker = Array(fields[0])
            if speaker.lexicographicallyPrecedes(previousSpeaker) {
                throw ExportError(
                    .unspeakable,
                    "line \(line): Kaldi wants one order for utterances and for speakers, and "
                        + "speaker \(String(decoding: speaker, as: UTF8.self)) is out of it; "
                        + "begin ids with the speaker and a hyphen, or leave the ids out")
            }
            previous = id
            previousSpeaker = speaker
            previousLine = line
            for (file, field) in zip(files, fields) {
                try file.append { bytes in
                    bytes += id
                    // An empty transcript is the id alone.
                    if !field.isEmpty {
                        bytes.append(UInt8(ascii: " "))
                        bytes += field
                    }
                    bytes.append(UInt8(ascii: "\n"))
                }
            }
        }
        for file in files { try file.commit() }
    }

    private func writeSpeakers() throws(ExportError) {
        let file = try OutputFile("\(folder)/spk2utt")
        var previous: [UInt8] = []
        try speakers.forEach { key, _ throws(ExportError) in
            let fields = key.split(separator: 0, maxSplits: 1)
            if !fields[0].elementsEqual(previous) {
                if !previous.isEmpty { try file.append([UInt8(ascii: "\n")]) }
                previous = Array(fields[0])
                try file.append(previous)
            }
            try file.append([UInt8(ascii: " ")] + fields[1])
        }
        if !previous.isEmpty { try file.append([UInt8(ascii: "\n")]) }
        try file.commit()
    }

    private func writeRecordings() throws(ExportError) {
        let names = ["wav.scp", "reco2file_and_channel"] + (knowsAllDurations ? ["reco2dur"] : [])
        var files: [OutputFile] = []
        for name in names { files.append(try OutputFile("\(folder)/\(name)")) }
        try recordings.forEach { _, payload throws(ExportError) in
            for (file, line) in zip(files, payload.split(separator: UInt8(ascii: "\n"))) {
                try file.append(line + [UInt8(ascii: "\n")])
            }
        }
        for file in files { try file.commit() }
    }
}
