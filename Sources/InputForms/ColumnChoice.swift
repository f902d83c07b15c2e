/// What a column of a list can be to a row.
package enum ColumnRole: String, CaseIterable, Hashable, Sendable {
    case audio, offset, end, duration, text, id, speaker, channel, language

    /// Names by which the column is known, in the order in which they are looked for; in lower case.
    var usualNames: [String] {
        switch self {
        case .audio:
            [
                "audio_filepath", "file_name", "audio_path", "audio_file", "path", "audio",
                "wav_path",
                "wav_filename", "wav", "filepath", "file_path", "filename", "file",
            ]
        case .offset: ["offset", "start", "start_time", "begin"]
        case .end: ["end", "end_time", "stop"]
        case .duration: ["duration", "duration_seconds"]
        case .text: ["text", "transcription", "transcript", "sentence"]
        case .id: ["id", "utt_id", "utterance_id", "segment_id"]
        case .speaker: ["speaker", "speaker_id", "spk", "client_id"]
        case .channel: ["channel"]
        case .language: ["language", "lang", "locale"]
        }
    }

    /// Times of a span of the file.
    var isSpan: Bool { [.offset, .end, .duration].contains(self) }
}

/// Columns that a person has named, for lists that call them otherwise.
package struct ColumnChoice: Hashable, Sendable {
    package var names: [ColumnRole: String]

    package init(_ names: [ColumnRole: String] = [:]) { self.names = names }
}

/// Which field of a record is what.
struct ColumnPlan: Sendable {
    let header: [String]
    let places: [ColumnRole: Int]

    /// Why a list has no plan.
    struct Fault: Error {
        let message: String
    }

    /// - Parameter wholeFiles: the list is about files; times in it are of where they were cut from.
    init(header: [String], choice: ColumnChoice, wholeFiles: (String) -> Bool) throws(Fault) {
        self.header = header
        let shown = header.map { "\"\($0)\"" }.joined(separator: ", ")
        if let twice = header.first(where: { name in header.count { $0 == name } > 1 }) {
            throw Fault(message: "the header has \"\(twice)\" twice")
        }
        var places: [ColumnRole: Int] = [:]
        for role in ColumnRole.allCases {
            if let name = choice.names[role] {
                guard let place = header.firstIndex(of: name) else {
                    throw Fault(
                        message: "no column is called \"\(name)\"; the header has \(shown)")
                }
                places[role] = place
                continue
            }
            if role.isSpan, let audio = places[.audio], wholeFiles(header[audio]) { continue }
            let lowered = header.map { $0.lowercased() }
            let taken = Set(places.values)
            places[role] = role.usualNames.lazy.compactMap { lowered.firstIndex(of: $0) }
                .first { !taken.contains($0) }
        }
        guard places[.audio] != nil else {
            throw Fault(
                message:
                    "no column is known to name the audio; the header has \(shown): say which is it "
                    + "with --column audio=NAME")
        }
        self.places = places
    }
}
