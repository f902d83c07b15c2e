internal import AudioFormats
internal import Glibc
internal import SpeechTypes
internal import SystemErrors
internal import Threading

/// Objects that were fetched before their rows' turn, until it comes: each is there for the first row that asks, and
/// is that row's then.
final class FetchedAhead: Sendable {
    /// One that is on its way.
    private struct Running {
        let progress: EngineProgress
        var byteCount = 0
        /// Its row's turn has come: what it takes is the row's, as if it had been fetched only now.
        var isWanted = false
        /// Nobody will ask for it.
        var isDropped = false
    }

    private struct Ended {
        let result: Result<SpooledFile, AudioError>
        let byteCount: Int
    }

    private struct State {
        var running: [PathBytes: Running] = [:]
        var ended: [PathBytes: Ended] = [:]
        /// What readers fetch themselves.
        var direct: Set<PathBytes> = []

        var byteCount: Int {
            ended.values.reduce(0) { $0 + $1.byteCount }
                + running.values.reduce(0) { $0 + ($1.isWanted ? 0 : $1.byteCount) }
        }
    }

    private let state = Guarded(State())
    private let bytesMax: Int

    private static let waitMilliseconds = 1_000

    /// - Parameter bytesMax: of all that waits for its rows.
    init(bytesMax: Int) { self.bytesMax = bytesMax }

    /// Bytes that wait for their rows, those on their way among them.
    var byteCount: Int { state.withLock { $0.byteCount } }

    // MARK: Whoever fetches ahead

    /// Fetches an object and keeps it, or the reason why it cannot be had; nothing, if it is on its way or there.
    ///
    /// - Parameter make: fetches it into a sink that waits where too much waits already.
    /// - Returns: the bytes that came; nil where nothing did, or nobody wants it.
    func fetch(
        _ key: PathBytes, progress: EngineProgress,
        _ make: (_ mayWrite: @escaping (Int) -> Bool) throws(AudioError) -> SpooledFile
    ) -> Int? {
        let isNew = state.withLock { state in
            guard state.running[key] == nil, state.ended[key] == nil, !state.direct.contains(key)
            else { return false }
            state.running[key] = Running(progress: progress)
            return true
        }
        guard isNew else { return nil }
        let result = Result { () throws(AudioError) in
            try make { [unowned self] count in wait(toWrite: count, of: key) }
        }
        let hasCome = (try? result.get()) != nil
        return state.withLock { state in
            guard let running = state.running.removeValue(forKey: key), !running.isDropped else {
                return nil
            }
            let byteCount = hasCome ? running.byteCount : 0
            state.ended[key] = Ended(result: result, byteCount: byteCount)
            return hasCome ? byteCount : nil
        }
    }

    /// Waits until an object may have so many bytes more; false if nobody wants it any longer.
    private func wait(toWrite count: Int, of key: PathBytes) -> Bool {
        state.wait { state -> Bool? in
            guard let running = state.running[key], !running.isDropped else { return false }
            // What is wanted comes, however large it is.
            guard running.isWanted || state.byteCount + count <= bytesMax else { return nil }
            state.running[key]?.byteCount += count
            return true
        }
    }

    /// An object that nobody will ask for any longer.
    func drop(_ key: PathBytes) {
        let dropped = state.withLock { state in
            if state.running[key]?.isWanted == false { state.running[key]?.isDropped = true }
            return state.ended.removeValue(forKey: key)
        }
        // Its file is closed outside of the lock.
        withExtendedLifetime(dropped) {}
    }

    // MARK: Whoever reads

    private enum Found {
        case object(Ended)
        case nothing
    }

    /// An object that was fetched, or is: waits for it; nil for one that the caller has to fetch.
    ///
    /// - Parameter progress: is told of the steps of a fetch that is waited for.
    func take(_ key: PathBytes, progress: EngineProgress?) -> Result<SpooledFile, AudioError>? {
        guard let progress else { return wait(for: key, nil) }
        return progress.during(.fetch) { wait(for: key, progress) }
    }

    private func wait(
        for key: PathBytes, _ progress: EngineProgress?
    ) -> Result<SpooledFile, AudioError>? {
        // Who waits for space is to hear of it at once.
        state.withLock { $0.running[key]?.isWanted = true }
        var steps = -1
        while true {
            let found: Found? = state.wait(milliseconds: Self.waitMilliseconds) { state in
                if state.running[key] != nil {
                    state.running[key]?.isWanted = true
                    return nil
                }
                if let ended = state.ended.removeValue(forKey: key) { return .object(ended) }
                state.direct.insert(key)
                return .nothing
            }
            switch found {
            case .object(let ended): return ended.result
            case .nothing: return nil
            // It is on its way.
            case nil: break
            }
            let now = state.withLock { $0.running[key]?.progress.steps }
            if let now, now != steps {
                steps = now
                progress?.step()
            }
        }
    }

    /// A reader has fetched itself what ``take(_:progress:)`` did not have.
    func hasFetched(_ key: PathBytes) { _ = state.withLock { $0.direct.remove(key) } }
}

/// A file that takes what is fetched ahead as there is space for it.
final class AheadSink: FetchSink {
    private let file: SpooledFile
    private let mayWrite: (Int) -> Bool

    /// - Parameter mayWrite: waits until there is space for so many bytes; false ends the transfer.
    init(_ file: SpooledFile, _ mayWrite: @escaping (Int) -> Bool) {
        self.file = file
        self.mayWrite = mayWrite
    }

    var bytesLimit: Int { file.bytesLimit }

    func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
        guard mayWrite(bytes.count) else { throw SystemError(ECANCELED) }
        try file.write(bytes)
    }

    func restart() throws(SystemError) { try file.restart() }
}
