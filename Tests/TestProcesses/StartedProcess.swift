internal import Files
internal import Foundation
package import Processes
internal import SystemErrors
internal import Threading

#if canImport(Glibc)
    internal import Glibc
#endif

/// A program that a test has started.
///
/// A thread of its own waits for its end and reaps it at once. Foundation's `Process` hears of ends late, or never,
/// where many processes start and end together; and what nobody reaps keeps Swift Testing's own wait for children
/// spinning, which then never sees the end of an exit test.
///
/// Descriptors that a test opens itself are to close on exec (`O_CLOEXEC`), or every program has them.
package final class StartedProcess: Sendable {
    /// Where a stream of the program leads.
    package enum Stream: Sendable {
        case inherited
        case null
        /// A file that is written anew, or, for standard input, read.
        case file(String)
        case descriptor(Int32)
    }

    private struct State {
        var end: ChildProcess.End?
    }

    private let child: ChildProcess
    private let state = Guarded(State())

    /// - Parameters:
    ///   - program: a path, or a name that is looked for along PATH.
    ///   - environment: beside what this process has.
    ///   - folder: in which it starts.
    package init(
        _ program: String, _ arguments: [String], environment: [String: String] = [:],
        folder: String? = nil, input: Stream = .null, output: Stream = .inherited,
        errors: Stream = .inherited
    ) throws {
        let inFolder = ["-c", "cd -- \"$0\" && exec \"$@\"", folder ?? "", program]
        var start =
            folder == nil
            ? ProgramStart(program, arguments) : ProgramStart("/bin/sh", inFolder + arguments)
        start.isSearched = !start.executable.contains("/")
        start.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
            .map { "\($0.key)=\($0.value)" }
        var opened: [Int32] = []
        defer { for descriptor in opened { close(descriptor) } }
        for (number, stream) in [
            (STDIN_FILENO, input), (STDOUT_FILENO, output), (STDERR_FILENO, errors),
        ] {
            switch stream {
            case .inherited: break
            case .null where number == STDIN_FILENO: start.descriptors[number] = .null
            case .null:
                start.descriptors[number] = .descriptor(try Self.open("/dev/null", number, &opened))
            case .file(let path):
                start.descriptors[number] = .descriptor(try Self.open(path, number, &opened))
            case .descriptor(let descriptor): start.descriptors[number] = .descriptor(descriptor)
            }
        }
        child = try start.start()
        Thread.detachNewThread { [child, state] in
            child.waitForEnd()
            // Until it is reaped its number stays its own, so that signals reach no other process.
            state.withLock { $0.end = child.reap() }
        }
    }

    private static func open(
        _ path: String, _ stream: Int32, _ opened: inout [Int32]
    ) throws -> Int32 {
        let flags = stream == STDIN_FILENO ? O_RDONLY : O_WRONLY | O_CREAT | O_TRUNC
        let descriptor = Foundation.open(path, flags | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw SystemError(errno) }
        opened.append(descriptor)
        return descriptor
    }

    package var identifier: Int32 { child.identifier }

    /// How it ended; nil while it runs.
    package var end: ChildProcess.End? { state.withLock { $0.end } }

    package var isRunning: Bool { end == nil }

    /// Sends a signal, unless it has ended.
    package func send(_ signal: Int32) {
        state.withLock { state in
            if state.end == nil { kill(child.identifier, signal) }
        }
    }

    /// Blocks until it has ended.
    package func waitForEnd() -> ChildProcess.End { state.wait { $0.end } }

    /// Blocks until it has ended; nil when the time is over.
    package func waitForEnd(milliseconds: Int) -> ChildProcess.End? {
        state.wait(milliseconds: milliseconds) { $0.end }
    }

    /// Runs a program to its end.
    ///
    /// - Parameter mixesErrors: what it writes to standard error is part of the output; otherwise it goes where this
    ///   process's goes.
    /// - Returns: its status, 128 and the signal's number if one ended it, and what it wrote.
    package static func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:],
        folder: String? = nil, mixesErrors: Bool = false
    ) throws -> (status: Int32, output: [UInt8]) {
        let file = try AnonymousFile.open()
        defer { close(file) }
        let process = try StartedProcess(
            program, arguments, environment: environment, folder: folder,
            output: .descriptor(file), errors: mixesErrors ? .descriptor(file) : .inherited)
        let status = process.waitForEnd().status
        lseek(file, 0, SEEK_SET)
        return (status, try DescriptorIO.contents(of: file, bytesMax: 1 << 30) ?? [])
    }
}
