internal import Glibc
internal import Logging
internal import Processes
internal import Threading

/// Shows what a meter reads: a line that is written over on a terminal, a line now and then
/// elsewhere; nothing for what takes a second.
final class ProgressLine: Sendable {
    private struct State {
        var isQuiet = false
        var isShown = false
        /// The work that is shown, when it began, and when a line was last written.
        var number = 0
        var began = 0
        var lastLine = 0
    }

    private let state = Guarded(State())
    private let isTerminal = StandardError.isTerminal
    /// Whether a line is written over again and again.
    private var isBar: Bool { isTerminal && ProgramLog.settings.format == .text }

    private static let periodMilliseconds = 250
    private static let patienceMilliseconds = 1_000
    /// Plain lines are written this often.
    private static let linePeriodMilliseconds = 10_000

    func beQuiet() { state.withLock { $0.isQuiet = true } }

    /// Looks at `meter` a few times a second, on a thread of its own, as long as the process runs.
    func start(showing meter: WorkMeter) throws(RuntimeError) {
        do throws(ThreadError) {
            _ = try DedicatedThread { [self] in
                while true {
                    usleep(useconds_t(Self.periodMilliseconds) * 1_000)
                    state.withLock { show(meter.reading, &$0) }
                }
            }
        } catch {
            throw RuntimeError(.system, error.description)
        }
    }

    private func show(_ reading: WorkMeter.Reading?, _ state: inout State) {
        guard let reading, !state.isQuiet else { return Self.clear(&state) }
        let now = MonotonicClock.milliseconds()
        if reading.number != state.number {
            state.number = reading.number
            state.began = now
            state.lastLine = now
        }
        let elapsed = now - state.began
        guard elapsed >= Self.patienceMilliseconds else { return }
        let text = LongWorkText.line(reading, elapsedMilliseconds: elapsed)
        if isBar {
            let room = max(1, StandardError.columns - 1)
            StandardError.write("\r\u{1B}[2K\(text.prefix(room))")
            state.isShown = true
        } else if now - state.lastLine >= Self.linePeriodMilliseconds {
            state.lastLine = now
            ProgramLog.logger.info("\(text)")
        }
    }

    /// Takes the line away, so that what follows begins on its own.
    func clear() { state.withLock { Self.clear(&$0) } }

    private static func clear(_ state: inout State) {
        if state.isShown { StandardError.write("\r\u{1B}[2K") }
        state.isShown = false
    }

    /// Takes the line away from a process that ends, unless standard error takes nothing.
    func clearAtEnd() { write(nil) }

    /// Writes a sentence, unless standard error takes none at this moment: a terminal that is
    /// stopped must not keep the process from ending.
    func say(_ sentence: String) { write(sentence) }

    private func write(_ sentence: String?) {
        var item = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
        guard poll(&item, 1, 0) > 0, item.revents & Int16(POLLOUT) != 0 else { return }
        if isBar { StandardError.write("\r\u{1B}[2K") }
        if let sentence { ProgramLog.tellAtOnce(.notice, sentence) }
    }
}

/// Readings of a meter in words.
enum LongWorkText {
    /// Such as `reading rows.jsonl: 35 %, 1.2 of 3.4 GiB, ETA 0:12`.
    static func line(_ reading: WorkMeter.Reading, elapsedMilliseconds: Int) -> String {
        var parts: [String] = []
        if let fraction = reading.fraction { parts.append("\(Int(fraction * 100)) %") }
        let amount = amount(reading)
        if !amount.isEmpty { parts.append(amount) }
        if let left = reading.remainingMilliseconds(after: elapsedMilliseconds) {
            parts.append("ETA \(ProgressText.time(left))")
        }
        return parts.isEmpty ? reading.name : "\(reading.name): \(parts.joined(separator: ", "))"
    }

    private static func amount(_ reading: WorkMeter.Reading) -> String {
        guard reading.done > 0 || reading.total > 0 else { return "" }
        func count(_ number: Int) -> String {
            reading.unit == .bytes ? "\(number >> 20)" : "\(number)"
        }
        let unit =
            switch reading.unit {
            case .bytes: "MiB"
            case .rows: "rows"
            case .files: "files"
            case .batches: "batches"
            case .pages: "pages"
            case .nGrams: "n-grams"
            case .minutes: "min"
            }
        return reading.total > 0
            ? "\(count(reading.done)) of \(count(reading.total)) \(unit)"
            : "\(count(reading.done)) \(unit)"
    }
}
