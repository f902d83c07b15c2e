internal import Coordination
internal import Glibc
internal import Logging
internal import Processes
internal import Threading

/// How a coordinator starts workers on its own machine.
package struct LocalWorkersPlan: Sendable {
    package var count: Int
    /// The program to start; normally the one that runs.
    package var executable: String
    /// The arguments of one worker: where to connect, its slot, and the descriptor whose end of
    /// file tells it that its parent is gone.
    package var arguments:
        @Sendable (_ endpoint: String, _ slot: String, _ parentPipe: Int32) -> [String]

    package init(
        count: Int, executable: String = "/proc/self/exe",
        arguments:
            @escaping @Sendable (_ endpoint: String, _ slot: String, _ parentPipe: Int32) ->
            [String]
    ) {
        self.count = count
        self.executable = executable
        self.arguments = arguments
    }
}

/// One worker process that ended.
package struct WorkerDeath: Sendable {
    package var slot: String
    /// What happened, for people.
    package var sentence: String
    /// The exit status; 128 + the signal's number if one killed it.
    package var status: Int32
    /// The last lines that it wrote.
    package var lastLines: [String]
    /// Whether another will be started in its place.
    package var isRestarted: Bool
    /// Whether this program has ended it: nothing to tell anybody.
    package var isIntended = false

    package init(
        slot: String, sentence: String, status: Int32, lastLines: [String], isRestarted: Bool,
        isIntended: Bool = false
    ) {
        self.slot = slot
        self.sentence = sentence
        self.status = status
        self.lastLines = lastLines
        self.isRestarted = isRestarted
        self.isIntended = isIntended
    }

    /// What it says about the row that was in the engine.
    var processEnd: ProcessEnd {
        let faults = [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS]
        if faults.contains(where: { status == 128 + $0 }) { return .fault }
        let clean = [
            ExitStatus.done, ExitStatus.jobRefused, ExitStatus.storage, ExitStatus.tryAgain,
        ]
        return clean.contains(status) ? .clean : .killed
    }
}

/// Starts worker processes, starts them again when they die, and ends them all.
///
/// One thread a slot waits for that slot's process, so that its end is known at once.
final class LocalWorkers: Sendable {
    private struct State {
        var isStopping = false
        /// All workers are ended from here.
        var areKilled = false
        /// Processes that run now; reaped only while this lock is held, so that a signal never
        /// reaches another process that got the same number.
        var running: [Int: WorkerProcess] = [:]
    }

    private let plan: LocalWorkersPlan
    private let endpoint: String
    private let onDeath: @Sendable (WorkerDeath) -> Void
    private let logger: Logger
    private let state = Guarded(State())
    private let threads = Guarded<[DedicatedThread]>([])

    private static let restartMilliseconds = 100...10_000
    /// A process that lived this long starts with a clean record.
    private static let healthyMilliseconds = 30_000

    /// Starts `plan.count` workers that connect to `endpoint`.
    init(
        _ plan: LocalWorkersPlan, endpoint: String,
        logger: Logger,
        onDeath: @escaping @Sendable (WorkerDeath) -> Void
    ) throws(RuntimeError) {
        self.plan = plan
        self.endpoint = endpoint
        self.logger = logger
        self.onDeath = onDeath
        do throws(RuntimeError) {
            for index in 0..<plan.count {
                let thread = try DedicatedThread.ofService { [self] in supervise(index) }
                threads.withLock { $0.append(thread) }
            }
        } catch {
            kill()
            throw error
        }
    }

    /// Starts no more workers; those that run go on until their coordinator dismisses them.
    func startNoMore() {
        state.withLock { $0.isStopping = true }
    }

    /// Waits for all workers to end by themselves, then ends those that have not.
    func finish(withinMilliseconds: Int) {
        startNoMore()
        let haveEnded = state.wait(milliseconds: withinMilliseconds) { state in
            state.running.isEmpty ? true : nil
        }
        if haveEnded == nil { kill() }
        for thread in threads.withLock({ $0 }) { thread.join() }
    }

    /// Ends all workers at once.
    func kill() {
        state.withLock { state in
            state.isStopping = true
            state.areKilled = true
            for child in state.running.values {
                // The whole group: decoders that a worker started go with it.
                child.process.killGroup()
            }
        }
    }

    // MARK: One slot

    private func supervise(_ index: Int) {
        let slot = "\(WorkerSlot.machine())/\(index)"
        var pause = Self.restartMilliseconds.lowerBound
        while true {
            let began = MonotonicClock.milliseconds()
            let death = runOnce(index, slot)
            guard let death else { return }
            onDeath(death)
            if !death.isRestarted { return }
            if MonotonicClock.milliseconds() - began >= Self.healthyMilliseconds {
                pause = Self.restartMilliseconds.lowerBound
            }
            let isStopping: Bool? = state.wait(milliseconds: pause) { $0.isStopping ? true : nil }
            if isStopping == true { return }
            pause = min(pause * 2, Self.restartMilliseconds.upperBound)
        }
    }

    /// Runs one process to its end; nil if none may be started any more.
    private func runOnce(_ index: Int, _ slot: String) -> WorkerDeath? {
        let child: WorkerProcess
        do throws(RuntimeError) {
            let started = try state.withLock { state -> Result<WorkerProcess?, RuntimeError> in
                if state.isStopping { return .success(nil) }
                do throws(RuntimeError) {
                    let child = try WorkerProcess(
                        executable: plan.executable,
                        arguments: plan.arguments(endpoint, slot, WorkerProcess.parentPipeInChild))
                    state.running[index] = child
                    return .success(child)
                } catch {
                    return .failure(error)
                }
            }.get()
            guard let started else { return nil }
            child = started
        } catch {
            return WorkerDeath(
                slot: slot, sentence: error.message, status: ExitStatus.tryAgain, lastLines: [],
                isRestarted: true)
        }
        let tail = try? OutputTail(of: child.output) { [logger] line in
            logger.notice("\(Self.withoutOwnName(line))", metadata: ["worker": "\(slot)"])
        }
        if tail == nil { close(child.output) }
        child.process.waitForEnd()
        let (end, isStopping, isIntended) = state.withLock { state in
            state.running[index] = nil
            return (child.process.reap(), state.isStopping, state.areKilled)
        }
        close(child.parentPipe)
        let lastLines = tail?.last() ?? []
        switch end {
        case .exited(let status):
            let isFinal = [ExitStatus.done, ExitStatus.usage, ExitStatus.jobRefused]
                .contains(status)
            return WorkerDeath(
                slot: slot, sentence: "exit status \(status)", status: status,
                lastLines: lastLines, isRestarted: !isFinal && !isStopping,
                isIntended: isIntended)
        case .killed(let signal):
            return WorkerDeath(
                slot: slot, sentence: "killed by signal \(signal)", status: 128 + signal,
                lastLines: lastLines, isRestarted: !isStopping, isIntended: isIntended)
        }
    }

    /// A line that a worker wrote, without the program's name before it.
    static func withoutOwnName(_ line: String) -> Substring {
        let own = "scriptorium: "
        return line.hasPrefix(own) ? line.dropFirst(own.count) : line[...]
    }
}
