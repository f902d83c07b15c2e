internal import SpeechTypes
internal import TranscriptRows

/// What fairseq trains CTC models on: a list of files, their letters, their words, and the letters'
/// dictionary.
struct FairseqFormat: FolderFormat {
    let name = "fairseq"
    let summary = "fairseq's tsv, ltr, wrd and dict.ltr.txt"
    let layout = ExportLayout.folder
    let fields: Set<TranscriptField> = [.path, .text]

    func makeWriter(
        in folder: String, _ context: ExportContext
    ) throws(ExportError) -> any FolderWriter {
        try FairseqWriter(in: folder, context)
    }
}

private final class FairseqWriter: FolderWriter {
    private let folder: String
    private let context: ExportContext
    private let list: OutputFile
    private let letters: OutputFile
    private let words: OutputFile
    private var counts: [Unicode.Scalar: Int] = [:]
    private let ids: UniqueIDs

    /// Where cut spans go, below the folder.
    private static let cutsFolder = "audio"

    init(in folder: String, _ context: ExportContext) throws(ExportError) {
        self.folder = folder
        self.context = context
        list = try OutputFile("\(folder)/\(context.split).tsv")
        letters = try OutputFile("\(folder)/\(context.split).ltr")
        words = try OutputFile("\(folder)/\(context.split).wrd")
        ids = UniqueIDs(in: folder, format: "fairseq")
        // The root: absolute paths behind it stand for themselves.
        try list.append(Array((context.finalFolder + "\n").utf8))
    }

    func write(_ recording: TranscribedRecording) throws(ExportError) {
        for segment in recording.segments {
            let audio = try SampleAudio(of: segment, context)
            let path: String
            let frames: Int
            switch audio {
            case .file(let place):
                path = place.text
                frames = try context.facts(of: recording, for: "fairseq").frameCount
            case .wave(let bytes):
                try ids.add(segment.id, lineNumber: segment.lineNumber)
                let name = SampleAudio.fileName(for: segment.id, lineNumber: segment.lineNumber)
                path = "\(Self.cutsFolder)/\(name).wav"
                frames = (bytes.count - 44) / 2
                try audio.write(to: "\(folder)/\(path)")
            }
            guard !path.utf8.contains(where: { $0 < 0x20 }), frames > 0 else {
                throw ExportError(
                    .unspeakable,
                    "line \(segment.lineNumber): fairseq reads no recording without samples, "
                        + "and none whose name has a tab or line end")
            }
            try list.append(Array("\(path)\t\(frames)\n".utf8))
            try writeText(of: segment)
        }
    }

    private func writeText(of segment: TranscriptSegment) throws(ExportError) {
        let text = FlatText.flat(segment.text)
        guard !text.utf8.contains(UInt8(ascii: "|")) else {
            throw ExportError(
                .unspeakable,
                "line \(segment.lineNumber) has the character |, which fairseq takes for a space")
        }
        try words.append(Array((text + "\n").utf8))
        var line = ""
        for scalar in text.unicodeScalars {
            let symbol: Unicode.Scalar = scalar == " " ? "|" : scalar
            counts[symbol, default: 0] += 1
            line.unicodeScalars.append(symbol)
            line.unicodeScalars.append(" ")
        }
        counts["|", default: 0] += 1
        try letters.append(Array((line + "|\n").utf8))
    }

    func finish() throws(ExportError) {
        try ids.check()
        let dictionary = try OutputFile("\(folder)/dict.ltr.txt")
        let order = counts.sorted {
            ($1.value, $0.key.value) < ($0.value, $1.key.value)
        }
        for (symbol, count) in order { try dictionary.append(Array("\(symbol) \(count)\n".utf8)) }
        for file in [list, letters, words, dictionary] { try file.commit() }
    }
}
