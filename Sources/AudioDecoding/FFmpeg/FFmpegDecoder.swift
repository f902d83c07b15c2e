package import AudioFormats
internal import Glibc
internal import Processes
internal import SpeechTypes
internal import SystemErrors

/// A file that ffmpeg decodes, in a process of its own, for types that libsndfile does not know.
///
/// The child gets the open file as its standard input and reads it again by that name, so no path
/// stands on its command line; the demuxer is named, so it cannot choose one that reads further
/// files or the network. It answers with an AU stream: a header with rate and channels, then
/// big-endian floats at the source's own rate.
package final class FFmpegDecoder: FrameSource {
    package let sampleRate: Int
    package let channelCount: Int
    package let declaredFrames: Int? = nil
    package private(set) var warnings: [String] = []

    private let file: AudioFile
    private let process: DecoderProcess
    private let limits: AudioLimits
    package let demuxer: String
    private let statesLength: Bool
    private var pending: [UInt8]
    private var hasFrames = false
    private var isAtEnd = false

    private static let headerBytes = 24
    private static let headerBytesMax = 1 << 16
    private static let floatEncoding = 6

    /// - Parameter strict: any error in the data ends the decoding, instead of being concealed.
    /// - Parameter statesLength: the length that ffmpeg prints is one that the container states.
    package init(
        _ file: AudioFile, demuxer: String, strict: Bool, statesLength: Bool, executable: String,
        limits: AudioLimits
    ) throws(AudioError) {
        self.file = file
        self.limits = limits
        self.demuxer = demuxer
        self.statesLength = statesLength
        let input = try file.duplicate()
        defer { close(input) }
        let strictness = strict ? ["-xerror", "-err_detect", "crccheck+explode"] : []
        var program = ProgramStart(
            executable,
            ["-nostdin", "-hide_banner", "-nostats", "-v", "level+info"]
                // Portable code only, so that every processor decodes to the same bits.
                + ["-cpuflags", "0", "-threads", "1", "-bitexact"]
                + ["-protocol_whitelist", "file,pipe"] + strictness
                + ["-f", demuxer, "-i", "file:/proc/self/fd/0"]
                + ["-map", "0:a:0", "-map_metadata", "-1", "-bitexact"]
                + ["-c:a", "pcm_f32be", "-f", "au", "pipe:1"])
        program.isSearched = true
        program.descriptors = [STDIN_FILENO: .descriptor(input)]
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        program.environment = ["PATH=\(path)", "LC_ALL=C", "AV_LOG_FORCE_NOCOLOR=1"]
        do throws(SystemError) {
            process = try DecoderProcess(
                program, stallSeconds: limits.decoderStallSeconds,
                waitSecondsMax: limits.decoderWaitSecondsMax)
        } catch {
            throw error.number == ENOENT
                ? AudioError(
                    .audioUnsupported, file.path,
                    "only ffmpeg decodes this type (\(demuxer)) and it is not installed; install "
                        + "the package ffmpeg")
                : AudioError(
                    .quarantinedSource, file.path,
                    "ffmpeg could not be started: \(error)"
                        + SystemError.remedy(forStarting: error.number),
                    class: .source)
        }
        pending = []
        var header: [UInt8] = []
        while header.count < Self.headerBytes || header.count < Self.dataOffset(header) {
            guard try Self.receive(into: &header, process, file, limits) else {
                throw AudioError(
                    .audioUnsupported, file.path,
                    "ffmpeg finds no audio that it can decode"
                        + FFmpegMessages(process.errorOutput).lastError)
            }
        }
        sampleRate = Self.integer(header, at: 16)
        channelCount = Self.integer(header, at: 20)
        let dataOffset = Self.dataOffset(header)
        guard Self.integer(header, at: 12) == Self.floatEncoding, channelCount > 0,
            (Self.headerBytes..<Self.headerBytesMax).contains(dataOffset)
        else {
            throw AudioError(
                .audioUnsupported, file.path, "ffmpeg answered with an unexpected header")
        }
        pending = Array(header[dataOffset...])
    }

    /// A process takes longer to start than minutes of audio to decode, and where its demuxers land
    /// differs between containers: spans share one decoder instead.
    package let isSeekable = false

    package func seek(toFrame frame: Int) throws(AudioError) -> Int { 0 }

    /// What was read is sound as far as it goes: errors end the program, and that was not met.
    package func finish() throws(AudioError) {}

    package func read(into buffer: UnsafeMutableBufferPointer<Float>) throws(AudioError) -> Int {
        let frameBytes = channelCount * 4
        while pending.count < frameBytes, !isAtEnd {
            if try !Self.receive(into: &pending, process, file, limits) {
                isAtEnd = true
                try checkEnd()
            }
        }
        let frames = min(pending.count / frameBytes, buffer.count / channelCount)
        guard frames > 0 else { return 0 }
        hasFrames = true
        pending.withUnsafeBytes { bytes in
            for index in 0..<frames * channelCount {
                let bits = bytes.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)
                buffer[index] = Float(bitPattern: UInt32(bigEndian: bits))
            }
        }
        pending.removeFirst(frames * frameBytes)
        return frames
    }

    /// How the process ended, and what it said.
    private func checkEnd() throws(AudioError) {
        guard let status = process.exitStatus() else { throw Self.timeOut(file, limits) }
        let messages = FFmpegMessages(process.errorOutput)
        let said = messages.lastError
        guard status == 0 else {
            throw AudioError(
                .audioDamaged, file.path, "ffmpeg stopped with status \(status)\(said)")
        }
        if !said.isEmpty { warnings.append("decoded with errors by ffmpeg\(said)") }
        if messages.audioTrackCount > 1 {
            warnings.append(
                "the first of \(messages.audioTrackCount) tracks of sound was decoded, the others "
                    + "were not")
        }
        if statesLength { statedSeconds = messages.statedSeconds }
    }

    /// Containers round, and count what encoders add in front and behind, each in its own way.
    package let slackSeconds = 0.5
    package private(set) var statedSeconds: Double?

    /// Appends what the process has written; false at the end.
    private static func receive(
        into bytes: inout [UInt8], _ process: DecoderProcess, _ file: AudioFile,
        _ limits: AudioLimits
    ) throws(AudioError) -> Bool {
        let result = withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 1) { buffer in
            let result = process.read(into: buffer)
            if case .bytes(let count) = result { bytes.append(contentsOf: buffer[..<count]) }
            return result
        }
        switch result {
        case .bytes: return true
        case .ended: return false
        case .timedOut: throw timeOut(file, limits)
        case .failed(let code): throw file.readError(code)
        }
    }

    private static func timeOut(_ file: AudioFile, _ limits: AudioLimits) -> AudioError {
        AudioError(
            .quarantinedSource, file.path,
            "ffmpeg gave nothing for \(Int(limits.decoderStallSeconds)) s, or took more than "
                + "\(Int(limits.decoderWaitSecondsMax)) s; check the file's storage",
            class: .source)
    }

    private static func dataOffset(_ header: [UInt8]) -> Int {
        header.count < headerBytes ? headerBytes : min(integer(header, at: 4), headerBytesMax)
    }

    private static func integer(_ bytes: [UInt8], at offset: Int) -> Int {
        bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
    }
}
