internal import Files
internal import Glibc
internal import SpeechTypes
internal import SystemErrors
internal import TranscriptRows

/// The audio of a row, for data sets that carry it.
enum SampleAudio {
    /// The row is a whole file, whose bytes are taken as they are.
    case file(PathBytes)
    /// The row is a span or one of several channels, which is decoded: 16 kHz, 16 bits, mono.
    case wave([UInt8])

    static let waveRate = 16_000

    /// What durations of whole files are rounded by, as they stand in manifests.
    private static let rounding = MediaTime(milliseconds: 50)

    /// - Throws: `unreadable` if the recording is not there or cannot be decoded.
    init(of segment: TranscriptSegment, _ context: ExportContext) throws(ExportError) {
        if segment.start == .zero, let facts = context.recordings.facts(of: segment.audio),
            facts.channelCount == 1 || segment.channel == nil,
            facts.duration <= segment.duration + Self.rounding,
            let place = context.recordings.location(of: segment.audio)
        {
            self = .file(place)
        } else {
            self = .wave(Self.wave(try context.recordings.samples(of: segment)))
        }
    }

    /// What its file's name ends with, as data sets tell formats by that.
    var fileExtension: String {
        switch self {
        case .file(let path): path.fileExtension.isEmpty ? "audio" : path.fileExtension
        case .wave: "wav"
        }
    }

    /// Writes the audio to a file of its own.
    ///
    /// - Throws: `unreadable` or `storage` if the bytes cannot be copied.
    func write(to path: String) throws(ExportError) {
        try OutputFile.makeFolder(PathBytes(path).folder.text)
        let file = try OutputFile(path, isDurable: false, isPlain: true)
        switch self {
        case .wave(let bytes): try file.append(bytes)
        case .file(let source):
            try Self.forEachBlock(of: source) { block throws(ExportError) in
                try file.append(block)
            }
        }
        try file.commit()
    }

    /// How many bytes it has.
    ///
    /// - Throws: `unreadable` if the file is not there.
    func byteCount() throws(ExportError) -> Int {
        switch self {
        case .wave(let bytes): return bytes.count
        case .file(let path):
            var status = stat()
            guard path.withCString({ stat($0, &status) }) == 0 else {
                throw ExportError(.unreadable, FileError(path.text, "read it"))
            }
            return Int(status.st_size)
        }
    }

    /// Calls `body` with all bytes of a file.
    ///
    /// - Throws: `unreadable`, or what `body` throws.
    static func forEachBlock(
        of path: PathBytes, _ body: ([UInt8]) throws(ExportError) -> Void
    ) throws(ExportError) {
        let descriptor = path.withCString { open($0, O_RDONLY | O_CLOEXEC) }
        guard descriptor >= 0 else {
            throw ExportError(.unreadable, FileError(path.text, "read it"))
        }
        defer { close(descriptor) }
        var offset = 0
        while true {
            let block: [UInt8]
            do throws(SystemError) {
                block = try DescriptorIO.bytes(
                    of: descriptor, at: offset, count: DescriptorIO.blockBytes)
            } catch {
                throw ExportError(.unreadable, FileError(path.text, "read it", error))
            }
            if block.isEmpty { return }
            try body(block)
            offset += block.count
        }
    }

    /// A WAVE file of 16-bit samples (Microsoft and IBM, Multimedia Programming Interface 1.0).
    static func wave(_ samples: [Float]) -> [UInt8] {
        let dataBytes = samples.count * 2
        var bytes: [UInt8] = []
        bytes.reserveCapacity(44 + dataBytes)
        func append(_ number: Int, _ count: Int) {
            for index in 0..<count {
                bytes.append(UInt8(truncatingIfNeeded: number >> (8 * index)))
            }
        }
        bytes += "RIFF".utf8
        append(36 + dataBytes, 4)
        bytes += "WAVEfmt ".utf8
        append(16, 4)
        append(1, 2)
        append(1, 2)
        append(waveRate, 4)
        append(waveRate * 2, 4)
        append(2, 2)
        append(16, 2)
        bytes += "data".utf8
        append(dataBytes, 4)
        for sample in samples {
            let scaled = (sample * 32_768).rounded()
            append(Int(max(-32_768, min(32_767, scaled.isNaN ? 0 : scaled))), 2)
        }
        return bytes
    }

    /// A name for one file: `id` without what a path or a reader of names parts it at.
    static func fileName(for id: String, lineNumber: Int) -> String {
        var name: [UInt8] = []
        for byte in FlatText.token(id).utf8 {
            switch byte {
            case UInt8(ascii: "/"): name.append("%2F")
            case UInt8(ascii: "."): name.append("%2E")
            case UInt8(ascii: "%"): name.append("%25")
            default: name.append(byte)
            }
        }
        // File systems take 255 bytes; an extension follows.
        if name.count > 200 {
            return String(decoding: name.prefix(180), as: UTF8.self)
                .filter { $0 != "\u{FFFD}" } + "-\(lineNumber)"
        }
        return String(decoding: name, as: UTF8.self)
    }
}
