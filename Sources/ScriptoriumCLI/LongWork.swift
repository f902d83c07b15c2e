internal import Checkpoints
internal import ClusterRuntime
internal import Digests
internal import Glibc
internal import ModelLoading
internal import Processes
internal import Threading

/// What every command has while it runs: signals that end it at once and in order, and a line on
/// standard error about what takes long.
enum LongWork {
    /// The process's signals: at first they end it at once; a job's loop takes them over.
    static let signals = Result { () throws(RuntimeError) in
        let watch = try SignalWatch(ignoresBrokenPipes: false)
        let display = ProgressLine()
        try display.start(showing: .shared)
        try watch.endAtOnce {
            // Who ends what is quick, or shows itself, needs no words.
            guard let name = WorkMeter.shared.reading?.name else { return display.clearAtEnd() }
            display.say("interrupted while \(name); the same command goes on, or begins again")
        }
        shown.withLock { $0 = display }
        return watch
    }

    private static let shown = Guarded<ProgressLine?>(nil)

    /// Shows no progress from now on.
    static func beQuiet() { shown.withLock { $0 }?.beQuiet() }

    /// Runs `body`, which takes long, under a name that says what is being done.
    static func named<Value, Failure: Error>(
        _ name: String, _ unit: WorkMeter.Unit, total: Int = 0,
        _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        WorkMeter.shared.begin(name, unit, total: total)
        defer { end() }
        return try body()
    }

    /// The digest that names a model; reads all of it the first time.
    static func digest(of model: LoadedModel) throws(CheckpointError) -> ContentDigest {
        try named("reading \(model.path)", .bytes) { () throws(CheckpointError) in
            try model.digest()
        }
    }

    /// Nothing long is being done; the line is taken away.
    static func end() {
        WorkMeter.shared.end()
        shown.withLock { $0 }?.clear()
    }
}

/// Shows what a meter reads: a line that is written over on a terminal, a line now and then
/// elsewhere; nothing for what takes a second.
private final class ProgressLine: Sendable {
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
        if isTerminal {
            let room = max(1, StandardError.columns - 1)
            StandardError.write("\r\u{1B}[2K\(text.prefix(room))")
            state.isShown = true
        } else if now - state.lastLine >= Self.linePeriodMilliseconds {
            state.lastLine = now
            StandardError.write("scriptorium: \(text)\n")
        }
    }

    /// Takes the line away, so that what follows begins on its own.
    func clear() { state.withLock { Self.clear(&$0) } }

    private static func clear(_ state: inout State) {
        if state.isShown { StandardError.write("\r\u{1B}[2K") }
        state.isShown = false
    }

    /// Takes the line away from a process that ends, unless standard error takes nothing.
    func clearAtEnd() { write("") }

    /// Says the last words, unless standard error takes none at this moment: a terminal that is
    /// stopped must not keep the process from ending.
    func say(_ sentence: String) { write("scriptorium: \(sentence)\n") }

    private func write(_ text: String) {
        var item = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
        guard poll(&item, 1, 0) > 0, item.revents & Int16(POLLOUT) != 0 else { return }
        let whole = (isTerminal ? "\r\u{1B}[2K" : "") + text
        if !whole.isEmpty { StandardError.write(whole) }
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
            case .minutes: "min"
            }
        return reading.total > 0
            ? "\(count(reading.done)) of \(count(reading.total)) \(unit)"
            : "\(count(reading.done)) \(unit)"
    }
}
