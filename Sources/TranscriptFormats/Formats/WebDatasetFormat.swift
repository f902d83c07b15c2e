internal import StrictJSON
internal import TranscriptRows

/// WebDataset: tar archives in which the files of a sample share their name up to the first dot.
struct WebDatasetFormat: FolderFormat {
    let name = "webdataset"
    let summary = "tar archives of audio, text and facts"
    let layout = ExportLayout.folder
    let fields: Set<TranscriptField> = [
        .id, .speaker, .channel, .language, .span, .text, .words, .confidence,
    ]

    func makeWriter(
        in folder: String, _ context: ExportContext
    ) throws(ExportError) -> any FolderWriter {
        WebDatasetWriter(in: folder, context)
    }
}

private final class WebDatasetWriter: FolderWriter {
    private let folder: String
    private let context: ExportContext
    private let ids: UniqueIDs
    private var shard: TarFile?
    private var shardNumber = 0
    private var rowCount = 0

    init(in folder: String, _ context: ExportContext) {
        self.folder = folder
        self.context = context
        ids = UniqueIDs(in: folder, format: "webdataset")
    }

    func write(_ recording: TranscribedRecording) throws(ExportError) {
        for segment in recording.segments {
            try ids.add(segment.id, lineNumber: segment.lineNumber)
            let shard = try openShard()
            let key = SampleAudio.fileName(for: segment.id, lineNumber: segment.lineNumber)
            let audio = try SampleAudio(of: segment, context)
            try Self.append(audio, "\(key).\(audio.fileExtension)", to: shard)
            try shard.append("\(key).txt", Array(segment.text.utf8))
            var writer = JSONWriter()
            writer.beginObject()
            writer.member("text", segment.text)
            SampleMetadata.write(segment, to: &writer)
            writer.endObject()
            try shard.append("\(key).json", writer.bytes)
            rowCount += 1
        }
    }

    func finish() throws(ExportError) {
        try ids.check()
        try shard?.commit()
    }

    private func openShard() throws(ExportError) -> TarFile {
        if let shard, rowCount < context.shardRowsMax { return shard }
        try shard?.commit()
        var number: [UInt8] = []
        number.appendDecimal(shardNumber, digits: 6)
        let next = try TarFile("\(folder)/shard-\(String(decoding: number, as: UTF8.self)).tar")
        shardNumber += 1
        rowCount = 0
        shard = next
        return next
    }

    private static func append(
        _ audio: SampleAudio, _ name: String, to shard: TarFile
    ) throws(ExportError) {
        switch audio {
        case .wave(let bytes): try shard.append(name, bytes)
        case .file(let path):
            let count = try audio.byteCount()
            try shard.beginMember(name, byteCount: count)
            var written = 0
            try SampleAudio.forEachBlock(of: path) { block throws(ExportError) in
                written += block.count
                if written <= count { try shard.append(block) }
            }
            guard written == count else {
                throw ExportError(
                    .unreadable, "\(path): it changed while it was read; run the export again")
            }
            try shard.endMember(byteCount: count)
        }
    }
}
