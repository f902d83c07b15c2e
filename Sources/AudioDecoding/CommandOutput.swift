package import AudioFormats
internal import Files
internal import Glibc
internal import Processes
package import SpeechTypes
internal import SystemErrors

/// A command of a list that writes audio.
///
/// Nothing here asks whether a command may be run: that is for whoever starts a worker to say.
package struct CommandOutput {
    /// The command, for messages.
    private let name: String
    private let spool: SpooledFile

    private static let blockBytes = 1 << 18

    /// Changes to the folder and becomes the command; a process beside it waits for the worker's end, and ends
    /// all of them then, itself included, so that nothing of a command outlives its worker.
    private static let script =
        """
        cd -- "$1" || exit 126
        (read -r end; kill -KILL 0) <&3 >/dev/null 2>&1 3<&- &
        exec /bin/sh -c "$2" 3<&-
        """

    /// Runs a command in a shell, to its end.
    ///
    /// - Parameters:
    ///   - folder: where its relative paths start.
    ///   - progress: is told whenever it has written something.
    /// - Returns: what it wrote.
    /// - Throws: `audio.command_failed` if it ends with another status than 0, or writes nothing or too
    ///   much; of class `source` if it gives nothing for too long, or cannot be started.
    package static func spooled(
        of command: String, in folder: String, limits: AudioLimits, progress: EngineProgress?
    ) throws(AudioError) -> SpooledFile {
        let spool = try mapError({ fault(command, "cannot keep what it writes: \($0)") }) {
            () throws(FileError) in try SpooledFile(command)
        }
        try CommandOutput(name: command, spool: spool).run(in: folder, limits, progress)
        return spool
    }

    private func run(
        in folder: String, _ limits: AudioLimits, _ progress: EngineProgress?
    ) throws(AudioError) {
        // Whoever holds the writing end keeps the command alive.
        let life = try mapError({ Self.startFault(name, $0) }) { () throws(SystemError) in
            try Pipe()
        }
        defer { close(life.writer) }
        let process: DecoderProcess
        do throws(SystemError) {
            defer { close(life.reader) }
            var program = ProgramStart("/bin/sh", ["-c", Self.script, "sh", folder, name])
            program.descriptors = [STDIN_FILENO: .null, 3: .descriptor(life.reader)]
            program.hasOwnGroup = true
            process = try DecoderProcess(
                program, stallSeconds: limits.decoderStallSeconds,
                waitSecondsMax: limits.decoderWaitSecondsMax)
        } catch {
            throw Self.startFault(name, error)
        }
        try keep(process, limits, progress)
    }

    private func keep(
        _ process: DecoderProcess, _ limits: AudioLimits, _ progress: EngineProgress?
    ) throws(AudioError) {
        var count = 0
        var block = [UInt8](repeating: 0, count: Self.blockBytes)
        reading: while true {
            let result = block.withUnsafeMutableBytes { process.read(into: $0) }
            switch result {
            case .bytes(let got):
                count += got
                guard count <= SpooledFile.bytesMax else {
                    throw failure("it wrote more than \(SpooledFile.bytesMax >> 30) GiB")
                }
                try mapError({ Self.fault(name, "cannot keep what it writes: \($0)") }) {
                    () throws(SystemError) in
                    try spool.write(Array(block[..<got]))
                }
                progress?.step()
            case .ended: break reading
            case .timedOut: throw timeOut(limits)
            case .failed(let code): throw Self.fault(name, SystemError.text(of: code))
            }
        }
        guard let status = process.exitStatus() else { throw timeOut(limits) }
        let said = Self.lastLine(of: process.errorOutput)
        guard status == 0 else {
            throw failure("it ended with status \(status)" + (said.isEmpty ? "" : ": \(said)"))
        }
        guard count > 0 else {
            throw failure("it wrote nothing" + (said.isEmpty ? "" : ": \(said)"))
        }
    }

    /// The last line that is not blank, as much of it as a sentence has.
    static func lastLine(of bytes: [UInt8]) -> String {
        let lines = bytes.split { $0 == 0x0A || $0 == 0x0D }
        let line = lines.last { $0.contains { $0 > 0x20 } } ?? []
        let text = String(decoding: line.prefix(lineBytesMax), as: UTF8.self)
        return String(text.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F })
    }

    private static let lineBytesMax = 300

    private func failure(_ what: String) -> AudioError {
        AudioError(.audioCommandFailed, name, "the command failed: \(what)")
    }

    private func timeOut(_ limits: AudioLimits) -> AudioError {
        Self.fault(
            name,
            "it gave nothing for \(Int(limits.decoderStallSeconds)) s, or took more than "
                + "\(Int(limits.decoderWaitSecondsMax)) s")
    }

    private static func startFault(_ name: String, _ error: SystemError) -> AudioError {
        fault(
            name,
            "it could not be started: \(error)"
                + SystemError.remedy(forStarting: error.number))
    }

    /// Another try, or another machine, may do better.
    private static func fault(_ name: String, _ what: String) -> AudioError {
        AudioError(.quarantinedSource, name, "the command: \(what)", class: .source)
    }
}
