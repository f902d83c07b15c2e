package import Manifests
internal import SpeechTypes
internal import StrictJSON
internal import TranscriptRows

/// Puts what a file says of each recording into the rows of that recording.
///
/// Recordings are known by the row's `id`, or by the names that exports give them: the file's name with or
/// without what follows the last dot, and `talk@folder/talk.wav` where several are called `talk`. Blanks in
/// them are underscores.
package struct BoundaryAddition {
    private let file: BoundaryFile
    /// The audio of the rows that each name was taken for, and what tells it from others.
    private var taken: [String: (audio: PathBytes, long: String)] = [:]
    /// Names that end with a channel, as in `talk-B`, by what stands before it.
    private let parted: [String: [(name: String, channel: Int?)]]
    /// Rows of recordings that the file does not name.
    package private(set) var rowsWithout = 0

    package init(_ file: BoundaryFile) {
        self.file = file
        var parted: [String: [(name: String, channel: Int?)]] = [:]
        for name in file.recordings.keys.sorted() {
            guard let dash = name.lastIndex(of: "-") else { continue }
            let suffix = name[name.index(after: dash)...]
            let channel = suffix.utf8.count == 1 ? BoundaryForm.channel(suffix) : nil
            guard channel != nil && suffix.first?.isLetter == true || suffix == "mix" else {
                continue
            }
            parted[String(name[..<dash]), default: []].append((name, channel))
        }
        self.parted = parted
    }

    /// The row with its recording's stretches as a member; a row of a recording that the file does not
    /// name, and a line that is no row, as it is.
    ///
    /// - Throws: if a name of the file may mean two recordings.
    package mutating func added(to row: [UInt8]) throws(ManifestError) -> [UInt8] {
        guard let parsed = try? ManifestRow.parse(raw: row) else { return row }
        guard let speech = try speech(of: parsed) else {
            rowsWithout += 1
            return row
        }
        let start = Self.time(parsed.offsetSeconds ?? 0)
        let end = parsed.durationSeconds.map { min(.max, start + Self.time($0)) }
        return RowMember.set(
            RowSpeech.memberName, speech.within(start, end).json, in: row, parsed.object)
    }

    /// Ends the rows.
    ///
    /// - Throws: if the file names a recording that no row is of.
    package func finish() throws(ManifestError) {
        var first: (line: Int, name: String)?
        for (name, recording) in file.recordings where taken[name] == nil {
            let line = recording.lines.min() ?? 0
            if line < first?.line ?? .max { first = (line, name) }
        }
        guard let first else { return }
        throw file.fault(
            first.line,
            "no row is of a recording \(first.name); it is called by its file's name without what "
                + "follows the last dot, or by the row's id")
    }

    private mutating func speech(of row: ManifestRow) throws(ManifestError) -> RowSpeech? {
        let name = RecordingName(row.audioPath)
        let long = FlatText.token(name.long)
        let id = row.object["id"]
        let known = [id?.string ?? id?.int.map(String.init), name.long, name.name, name.stem]
        for candidate in known.compactMap({ $0 }).map({ FlatText.token($0) }) {
            if let recording = file.recordings[candidate] {
                try take(candidate, row.audioPath, long)
                return RowSpeech(Self.withoutSoleChannel(recording.stretches))
            }
            if let parts = parted[candidate] {
                var stretches: [SpeechStretch] = []
                for (name, channel) in parts {
                    try take(name, row.audioPath, long)
                    stretches += (file.recordings[name]?.stretches ?? []).map { stretch in
                        var one = stretch
                        one.channel = channel
                        return one
                    }
                }
                return RowSpeech(stretches)
            }
        }
        return nil
    }

    /// A file that knows one channel of a recording says nothing of channels: diarisers call a mix 1.
    private static func withoutSoleChannel(_ stretches: [SpeechStretch]) -> [SpeechStretch] {
        guard Set(stretches.map(\.channel)).count == 1 else { return stretches }
        return stretches.map { stretch in
            var one = stretch
            one.channel = nil
            return one
        }
    }

    private mutating func take(
        _ name: String, _ audio: PathBytes, _ long: String
    ) throws(ManifestError) {
        guard let before = taken[name] else {
            taken[name] = (audio, long)
            return
        }
        guard before.audio != audio else { return }
        throw file.fault(
            file.recordings[name]?.lines.first,
            "\(name) may be \(before.audio) or \(audio); call it \(before.long) or \(long) in this "
                + "file")
    }

    private static func time(_ seconds: Double) -> MediaTime {
        MediaTime(nanoseconds: Int((min(max(seconds, 0), 1e9) * 1e9).rounded()))
    }
}
