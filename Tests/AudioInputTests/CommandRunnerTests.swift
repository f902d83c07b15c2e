import AudioDecoding
import AudioFormats
import AudioInput
import Foundation
import SpeechTypes
import TemporaryFolders
import Testing

@Suite("Commands that write audio") struct CommandRunnerTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func error(
        _ command: String, in place: String? = nil, limits: AudioLimits = AudioLimits()
    ) -> AudioError? {
        #expect(throws: AudioError.self) {
            try CommandRunner(limits: limits).file(
                of: command, in: place ?? folder.path, progress: nil)
        }
    }

    private func lines(_ name: String) -> [Substring] {
        ((try? String(contentsOfFile: folder.file(name), encoding: .utf8)) ?? "")
            .split(separator: "\n")
    }

    /// Waits until a process is gone; false if it stays.
    private func isGone(_ process: Substring?) -> Bool {
        guard let number = process.flatMap({ pid_t($0) }) else { return false }
        for _ in 0..<500 {
            if kill(number, 0) != 0 { return true }
            usleep(10_000)
        }
        return false
    }

    @Test("what a command writes is read as a file is, from the folder where relative paths start")
    func output() throws {
        let bytes = [UInt8]((0..<300_000).map { UInt8(truncatingIfNeeded: $0 * 7) })
        try folder.write("a b.raw", bytes)
        let progress = EngineProgress()
        let file = try CommandRunner().file(
            of: "cat 'a b.raw' | head -c 250000; printf end", in: folder.path, progress: progress)
        #expect(file.byteCount == 250_003)
        #expect(try file.bytes(at: 0, count: 250_000) == Array(bytes[..<250_000]))
        #expect(try file.bytes(at: 250_000, count: 10) == Array("end".utf8))
        #expect(progress.steps > 0)
    }

    @Test("of the rows of a recording one runs its command, also where many ask at once")
    func once() throws {
        let runner = CommandRunner()
        let command = "echo ran >> log; sleep 0.1; echo sound"
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            let file = try? runner.file(of: command, in: folder.path, progress: nil)
            #expect(file?.byteCount == 6)
        }
        #expect(lines("log") == ["ran"])
        #expect(throws: AudioError.self) {
            try runner.file(of: "echo ran >> failures; exit 3", in: folder.path, progress: nil)
        }
        #expect(throws: AudioError.self) {
            try runner.file(of: "echo ran >> failures; exit 3", in: folder.path, progress: nil)
        }
        #expect(lines("failures") == ["ran"])
        // Only the last ones are kept.
        for number in 0..<4 {
            _ = try runner.file(of: "echo \(number)", in: folder.path, progress: nil)
        }
        _ = try runner.file(of: command, in: folder.path, progress: nil)
        #expect(lines("log") == ["ran", "ran"])
    }

    @Test("each reader of what a command wrote is at a position of its own")
    func positions() throws {
        let runner = CommandRunner()
        func next(_ descriptor: Int32) -> UInt8 {
            var byte: UInt8 = 0
            return read(descriptor, &byte, 1) == 1 ? byte : 0
        }
        let files = try (0..<2).map { _ in
            try runner.file(of: "printf abc", in: folder.path, progress: nil)
        }
        let descriptors = try files.map { try $0.duplicate() }
        defer { for descriptor in descriptors { close(descriptor) } }
        let bytes = (0..<3).flatMap { _ in descriptors.map { next($0) } }
        #expect(bytes == Array("aabbcc".utf8))
    }

    @Test("a command that fails says its status and the last line of its errors")
    func failures() throws {
        let failed = error("echo sound; echo 'first' >&2; echo 'no such tape' >&2; exit 3")
        #expect(failed?.code == .audioCommandFailed)
        #expect(failed?.failureClass == .input)
        #expect(failed?.detail == "the command failed: it ended with status 3: no such tape")
        #expect(error("kill -9 $$")?.detail.contains("status 137") == true)
        #expect(error("true")?.detail == "the command failed: it wrote nothing")
        #expect(error("no-such-program-here -x")?.detail.contains("status 127") == true)
        #expect(error("echo sound", in: "/nowhere")?.detail.contains("status 126") == true)
        // Its errors are bounded, and shown without what a terminal would obey.
        let long = error(
            "head -c 1000000 /dev/zero | tr '\\0' x >&2; printf '\\033[2Jend\\n' >&2; exit 1")
        #expect((long?.detail.utf8.count ?? 0) < 400)
        #expect(long?.detail.contains("\u{1B}") == false)
    }

    @Test("a command that gives nothing is ended, with all that it has started")
    func silence() throws {
        var limits = AudioLimits()
        limits.decoderStallSeconds = 0.3
        let silent = error(
            "echo $$ > shell; sleep 1000 & echo $! > child; wait", limits: limits)
        #expect(silent?.failureClass == .source)
        #expect(silent?.code == .quarantinedSource)
        #expect(isGone(lines("shell").first))
        #expect(isGone(lines("child").first))
    }

    @Test("what a command leaves behind ends with it")
    func leftBehind() throws {
        let file = try CommandRunner().file(
            of: "sleep 1000 >/dev/null 2>&1 & echo $! > child; echo sound", in: folder.path,
            progress: nil)
        #expect(file.byteCount == 6)
        #expect(isGone(lines("child").first))
    }
}
