internal import ClusterRuntime
internal import ClusterSecurity
internal import Digests
internal import Foundation
internal import InputForms
internal import JobOutput
internal import JobState
internal import Manifests
internal import Processes
internal import SpeechTypes
internal import Testing
internal import Threading

@Suite("A job that cannot begin") struct JobRunnerTests {
    /// What only the stream of records holds on to.
    private final class Reader: Sendable {
        let calls = Guarded(0)

        func read(_ bytes: [UInt8]) { calls.withLock { $0 += 1 } }
    }

    /// Runs a job over `endpoint`, whose records go to a reader that only the job knows.
    ///
    /// - Returns: why it could not run, and whether the reader is still there after it.
    private func run(
        listeningAt endpoint: String, _ job: StandIn
    ) throws -> (error: RuntimeError?, isReaderThere: () -> Bool) {
        let folder = try JobFolder()
        let rows = try ManifestRows(InputResolver([PathBytes(job.input)]).resolve(), in: folder)
        let identity = JobIdentity(
            manifestDigest: rows.digest, rowCount: rows.rowCount,
            options: RecognitionOptions(),
            modelDigest: SHA256Hasher.digest(of: Array("model".utf8)), engineNumber: 1,
            arithmetic: JobIdentity.automaticArithmetic)
        weak var reader: Reader?
        var failure: RuntimeError?
        do {
            let own = Reader()
            reader = own
            var plan = JobPlan(
                identity: identity, manifestFolder: rows.folder,
                output: .stream { own.read($0) })
            plan.listen = [endpoint]
            plan.security = .plaintext
            do throws(RuntimeError) {
                _ = try JobRunner.run(
                    plan, rows: rows, folder: folder,
                    signals: try SignalWatch(ignoresBrokenPipes: false))
            } catch {
                failure = error
            }
        }
        return (failure, { [weak reader] in reader != nil })
    }

    @Test("lets its stream of records go, and says why")
    func endsTheStream() throws {
        let job = try StandIn(rows: StandIn.rows(3))
        let (error, isReaderThere) = try run(listeningAt: "tcp://no such place", job)
        #expect(error?.code == .usage)
        // The stream's thread has ended; what it held goes a moment after.
        var looks = 0
        while isReaderThere(), looks < 500 {
            usleep(10_000)
            looks += 1
        }
        #expect(!isReaderThere())
    }
}
