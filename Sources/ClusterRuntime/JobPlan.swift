package import ClusterProtocol
package import ClusterSecurity
package import JobOutput
package import JobState
package import Logging
internal import Processes
package import SpeechTypes
package import TranscriptRows

/// A job to be run: what it is, where its records go, and who works on it.
package struct JobPlan: Sendable {
    package var identity: JobIdentity
    /// The folder that relative paths of the rows start from.
    package var manifestFolder: String
    package var output: RecordDestination
    /// What the report says of files.
    package var sources = JobSources()
    /// What workers that lack a file of the job's artefacts are told of it.
    package var artefactFiles: [ArtefactFile] = []
    /// Where workers of other machines connect, as `tcp://ADDRESS:PORT`.
    package var listen: [String] = []
    /// Who may connect there, and how.
    package var security = ListenSecurity.ipcOnly
    /// What is there may be replaced: an unfinished run of the same job goes on, anything else
    /// begins again.
    package var overwrites = false
    /// Rows that a changed input still has keep their records.
    package var reconciles = false
    /// Quarantined rows of earlier runs are tried again, with new budgets.
    package var retriesQuarantined = false
    /// Workers on this machine; nil for none.
    package var localWorkers: LocalWorkersPlan?
    package var limits = ClusterLimits()
    /// Progress, about four times a second.
    package var onStatus: @Sendable (JobStatus, [WorkerStatus]) -> Void = { _, _ in }
    /// What became durable, and how long that took; called on the thread that waits for the disk.
    package var onCommit: @Sendable (_ entries: [JournalEntry], _ nanoseconds: Int) -> Void = {
        _, _ in
    }
    /// From when to when the coordinator took what had happened, in nanoseconds of the monotonic clock.
    ///
    /// Called on its thread; nil where nobody wants to know.
    package var onTurn: (@Sendable (_ from: Int, _ to: Int) -> Void)?
    /// Is told what an operator should see while the job runs: a worker that died, where to connect,
    /// what local workers write (with the field `worker`).
    package var logger = Logger.silent

    package init(identity: JobIdentity, manifestFolder: String, output: RecordDestination) {
        self.identity = identity
        self.manifestFolder = manifestFolder
        self.output = output
    }
}

/// How a job ended.
package struct JobResult: Sendable {
    /// What the process should exit with.
    package var exitStatus: Int32
    /// What happened, for people; empty if all went well.
    package var message: String
    package var rowsTranscribed = 0
    package var rowsRejected = 0
    package var rowsQuarantined = 0
    /// Decoded audio of transcribed rows, of all runs of this job.
    package var audioMilliseconds = 0
    /// Decoded audio of the rows that were transcribed in this run.
    package var computedMilliseconds = 0
    /// Of this run.
    package var wallMilliseconds = 0
    /// Where the report is; nil without one.
    package var reportPath: String?
    /// How the seconds of all rows were spent; nil where the job does not look for speech.
    package var coverage: CoverageTotals?

    init(exitStatus: Int32, message: String) {
        self.exitStatus = exitStatus
        self.message = message
    }
}
