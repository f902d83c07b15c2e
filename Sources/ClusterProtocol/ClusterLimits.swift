internal import SpeechTypes

/// Every bound of the cluster, once, with its reason.
package struct ClusterLimits: Hashable, Sendable {
    // MARK: Time

    // What waits for somebody to be heard has its limits in StallLimits, where their order is explained.

    /// Both sides send something at least this often.
    package var heartbeat: Duration = .seconds(StallLimits.heartbeatSeconds)
    /// A session without any message for this long is lost: three beats.
    package var sessionTimeout: Duration = .seconds(StallLimits.sessionSilenceSeconds)
    /// A worker ends an engine that has rows and makes no step for this long.
    package var engineStall: Duration = .seconds(StallLimits.engineSeconds)
    /// A session whose engine makes no step for this long loses its rows.
    package var sessionStall: Duration = .seconds(StallLimits.sessionStallSeconds)
    /// After a restart the leases of the former epoch stay current for this long.
    package var adoptionGrace: Duration = .seconds(20)
    /// Work in one lease: costs little when lost, and still few messages.
    package var leaseWork: Duration = .seconds(30)
    /// A commit waits this long for company, unless a worker has nothing to do.
    package var commitLinger: Duration = .milliseconds(20)
    /// A worker holds finished rows this long for company in one message.
    package var resultsLinger: Duration = .milliseconds(5)
    /// A worker says which rows it started at most this often: with tiny rows a message for each would be
    /// thousands a second, and which of them killed it is known all the same.
    package var startedLinger: Duration = .milliseconds(2)
    /// What `SIGTERM` leaves for a drain: the usual grace is 30 s.
    package var drainDeadline: Duration = .seconds(25)
    /// A worker that saw no coordinator for this long gives up.
    package var giveUpAfter: Duration = .seconds(3_600)
    /// `hello` is repeated after this long at first, then after ever longer times.
    package var helloRetryMin: Duration = .milliseconds(100)
    /// The longest of those times.
    package var helloRetryMax: Duration = .seconds(5)
    /// Session losses within this time are looked at together.
    package var sickFleetWindow: Duration = .seconds(30)
    /// A row that was lost alone rests for this long, and a second unseen death proves something only
    /// if no other worker was lost for this long.
    package var quietPeriod: Duration = .seconds(60)
    /// Where workers are lost all the time a row rests for this many times that, if there is other work.
    package var quietPeriodsMax = 10
    /// After the first failure of a source its row waits for this long, then twice as long, and so on.
    package var sourceBackoffMin: Duration = .seconds(1)
    /// The longest of those times.
    package var sourceBackoffMax: Duration = .seconds(300)
    /// One row tries in this interval whether a source is back.
    package var sourceProbe: Duration = .seconds(30)
    /// A source that was away for longer is not waited for: its rows use up their budgets.
    package var sourcePatience: Duration = .seconds(86_400)
    /// A worker's own failures within this time are looked at together.
    package var workerFailureWindow: Duration = .seconds(600)
    /// A slot whose workers fail gets no work for this long at first, then twice as long.
    package var benchMin: Duration = .seconds(600)
    /// The longest of those times.
    package var benchMax: Duration = .seconds(7_200)
    /// Work that a session must have left before rows are taken from it.
    package var stealWorkMin: Duration = .seconds(1)
    /// Idle sessions get rows of others at most this often, and so many at once: looking for them is
    /// work.
    package var helpInterval: Duration = .milliseconds(100)
    package var helpedAtOnceMax = 16
    /// An idle session waits this long for rows that others were asked for.
    package var revokePatience: Duration = .seconds(1)
    /// Rows that were asked back and did not come may be asked back again after this long.
    package var revokeAgainAfter: Duration = .seconds(10)
    /// A row is late when it takes longer than this, and half as long again as nearly all others.
    package var copyAfter: Duration = .seconds(10)
    /// Speed shown to people is taken over this time.
    package var speedWindow: Duration = .seconds(30)

    /// A worker that knows several coordinators leaves one that has had nothing for it this long.
    package var leaveIdleAfter: Duration = .seconds(60)
    /// The same where none answers, and nothing of it is in the worker's hands: a few beats.
    package var leaveSilentAfter: Duration = .seconds(20)

    // MARK: Budgets

    /// A row lost this often while alone in an engine is quarantined.
    package var lossesAloneMax = 2
    /// Opinions on an `input` failure; the last one stands.
    package var inputTriesMax = 2
    /// Slots (or tries, where there are fewer slots) that may fail on a row in the engine.
    package var engineTriesMax = 3
    /// Losses alone that prove nothing, after which a row is quarantined all the same, so that it
    /// cannot hold a machine in a crash loop.
    package var unprovenAloneMax = 8
    /// Rows of a lost worker, of those not known as started, that it may have started untold: those
    /// that its engine takes next.
    package var untoldRowsMax = 32
    /// A row that may have been started untold so often is a suspect.
    package var untoldLossesMax = 3
    /// Tries on a row whose source does not answer.
    package var sourceTriesMax = 12
    /// The last rows of a source, and the least failures among them, that say it is away.
    package var sourceWindow = 50
    package var sourceFailuresMin = 10
    /// Tries on a row that does not fit a worker's memory: on two sizes, if there are two.
    package var memoryTriesMax = 2
    /// Tries that ended with a failure of the worker itself.
    package var workerTriesMax = 12
    /// Failures of a slot's own workers that bench it.
    package var workerFailuresMax = 3
    /// The last rows of a worker that are looked at for rows that others could read: half of them
    /// bench its slot.
    package var misreadWindow = 20
    /// The last rows of the fleet, and the least number of them, that are looked at for engine
    /// failures: a fifth of them pauses the job.
    package var suspectFleetRows = 1_000
    package var suspectFleetRowsMin = 50
    /// How often losses of a sick fleet are not written to a row.
    package var waivedLossesMax = 2
    /// A fleet is sick when at least this many slots, and a quarter of the sessions, are lost.
    package var sickFleetSlotsMin = 3
    /// Malformed or impossible messages that end a session.
    package var refusalsMax = 3

    // MARK: Rows that several workers share

    /// Shorter rows are one worker's: that they end a little later costs less than to begin them often.
    package var sharedMillisecondsMin = 30 * 60_000
    /// Nor are longer ones cut: what their spans leave would not fit one message.
    package var sharedMillisecondsMax = 30 * 3_600_000
    /// Rows that are less than this part of a job are one worker's: others fill the time that they take.
    package var sharedShareOfJob = 500
    /// Windows of 30 s in a span: ten minutes, little to lose and little to wait for at the end.
    package var spanWindows = 20
    /// Rows of so much audio may have been begun before another one is: its spans take 0.7 MB an hour as a
    /// rule, and 1.8 MB at the most.
    package var begunMillisecondsMax = 240 * 3_600_000
    /// What the spans of one row may take, for one message, and how many there may be.
    package var joinBytesMax = 24 << 20
    package var rowSpansMax = 4_096

    // MARK: Sizes

    /// One message: a 24 h recording with word times fits, with a third to spare.
    package var frameBytesMax = 33 << 20
    /// The JSON part of a message: 256 rows fit many times.
    package var metaBytesMax = 1 << 20
    /// One record.
    package var recordBytesMax = RecordLimits.recordBytesMax
    /// The features of one row: some hundred bytes for each of its lanes.
    package var featuresBytesMax = RecordLimits.featuresBytesMax
    /// Rows in one lease: one small transaction, one message.
    package var leaseRowsMax = 256
    /// Raw rows in one lease.
    package var leaseBytesMax = 8 << 20
    /// Rows, and bytes of records, after which a commit does not wait longer.
    package var commitRowsMax = 4_096
    package var commitBytesMax = 4 << 20
    /// The job pauses when the journal's disk has less free than this, and than this share of it:
    /// writes would fail soon.
    package var freeBytesMin = 1 << 30
    package var freeSpacePermille = 20
    /// Bytes of results that all workers together may have sent and not seen recorded.
    package var windowBytesTotal = 512 << 20
    /// The least and the most of that for one worker.
    package var windowBytesMin = 64 << 10
    package var windowBytesMax = 8 << 20
    /// Descriptors and memory.
    package var sessionsMax = 4_000
    /// The longest decoded audio of one row that is believed: a month.
    package var recordingMillisecondsMax = 31 * 86_400_000
    /// The most lanes of one row that are believed: channels of a recording.
    package var lanesMax = 1_024
    /// The highest speed that is believed, in audio milliseconds a second.
    package var speedMax = 1_000_000_000
    /// Messages that are taken of one peer at once, and in a second after that.
    ///
    /// More than a worker sends, whatever its rows (``startedLinger``, ``resultsLinger``), and a small
    /// part of what the coordinator can take. What is beyond is dropped, as the network might, and sent again later.
    package var messagesBurstMax = 10_000
    package var messagesPerSecondMax = 2_000
    /// Messages processed ahead of a missing one.
    package var messagesAheadMax = 64
    /// Text in a failure, in UTF-8 bytes: enough for a sentence.
    package var textBytesMax = 512
    /// Slot, instance, build and similar names, in UTF-8 bytes.
    package var nameBytesMax = 256
    /// Folders, in UTF-8 bytes.
    package var pathBytesMax = 4_096
    /// Files beside the acoustic model that a job takes.
    package var artefactsMax = 16
    /// Leases one worker may list.
    package var heldLeasesMax = 64

    package init() {}

    /// Rows one worker may list.
    package var heldRowsMax: Int { heldLeasesMax * leaseRowsMax }
}
