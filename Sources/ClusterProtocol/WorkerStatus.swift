package import SpeechTypes

/// One worker as a job's coordinator sees it, for people and their programs.
package struct WorkerStatus: Hashable, Sendable {
    package enum State: String, CaseIterable, Hashable, Sendable {
        /// Rows are in its engine.
        case computing
        /// It has leases, and nothing of them is in its engine yet: audio is read.
        case reading
        /// It has nothing to do.
        case idle
        /// It stalled before, or another process has its slot: it is given nothing.
        case benched
        /// It finishes what it has, and ends.
        case draining
    }

    /// The place it runs in, `host/index`.
    package var slot: String
    package var state: State
    /// For example `fp32/avx2/openblas-0.3`.
    package var arithmetic: String
    /// Of its program.
    package var build: String
    package var cores: Int
    package var memoryBytes: Int
    /// Audio milliseconds that it computes in one second, as it measured.
    package var speed: Int
    /// Rows that it has leases of, and how much audio they are.
    package var rowsHeld: Int
    package var audioMillisecondsHeld: Int
    package var rowsInEngine: Int
    /// Audio of those that is computed.
    package var computedMilliseconds: Int
    /// Since it was heard last.
    package var silentMilliseconds: Int
    /// How its process spends time and memory; nil where it has not told.
    package var load: WorkerLoad?
    /// Its engine's over the last minute or so.
    package var recentLoad = EngineLoad.zero

    package init(
        slot: String, state: State, arithmetic: String, build: String, cores: Int,
        memoryBytes: Int, speed: Int, rowsHeld: Int, audioMillisecondsHeld: Int,
        rowsInEngine: Int, computedMilliseconds: Int, silentMilliseconds: Int
    ) {
        self.slot = slot
        self.state = state
        self.arithmetic = arithmetic
        self.build = build
        self.cores = cores
        self.memoryBytes = memoryBytes
        self.speed = speed
        self.rowsHeld = rowsHeld
        self.audioMillisecondsHeld = audioMillisecondsHeld
        self.rowsInEngine = rowsInEngine
        self.computedMilliseconds = computedMilliseconds
        self.silentMilliseconds = silentMilliseconds
    }
}
