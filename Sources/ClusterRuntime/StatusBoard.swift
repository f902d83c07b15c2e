package import ClusterProtocol
package import JobState
internal import Threading

/// The latest of a job: written by the coordinator's thread, read by whoever shows it.
package final class StatusBoard: Sendable {
    /// What is known at one moment.
    package struct Reading: Sendable {
        /// Grows with each change.
        package var number = 0
        /// Grows with each change of the status and the workers.
        package var posts = 0
        package var status = JobStatus()
        package var workers: [WorkerStatus] = []
        /// What workers did who are gone, where nobody works on the job.
        package var past: [PastWorker] = []
        package var history = SpeedHistory()
        package var recent = RecentRows()
        /// What operators were told, the newest last.
        package var notices: [Notice] = []

        package init() {}
    }

    /// What a place where workers ran had a part in.
    package struct PastWorker: Hashable, Sendable {
        package let slot: String
        package let rows: Int
        package let audioMilliseconds: Int

        package init(slot: String, rows: Int, audioMilliseconds: Int) {
            self.slot = slot
            self.rows = rows
            self.audioMilliseconds = audioMilliseconds
        }
    }

    /// A line of the log.
    package struct Notice: Hashable, Sendable {
        /// Of the job's run, counted from 1; none is used twice.
        package var number: Int
        package var text: String

        package init(number: Int, text: String) {
            self.number = number
            self.text = text
        }
    }

    private let latest = Guarded(Reading())

    /// Notices that are kept.
    package static let noticesMax = 200
    private static let noticeBytesMax = 2_000

    package init() {}

    package var reading: Reading { latest.withLock { $0 } }
    /// The number of the latest reading.
    package var number: Int { latest.withLock { $0.number } }

    /// All that is known of a job that nobody works on.
    package func show(_ stored: Reading) {
        latest.withLock { reading in
            let number = reading.number + 1
            let posts = reading.posts + 1
            reading = stored
            reading.number = number
            reading.posts = posts
        }
    }

    /// A new state of the job.
    package func post(_ status: JobStatus, _ workers: [WorkerStatus]) {
        latest.withLock { reading in
            reading.number += 1
            reading.posts += 1
            reading.status = status
            reading.workers = workers
            reading.history.add(status)
        }
    }

    /// Something is durable.
    package func committed(_ entries: [JournalEntry], nanoseconds: Int) {
        latest.withLock { reading in
            reading.recent.add(entries, nanoseconds: nanoseconds)
            reading.number += 1
        }
    }

    /// Something that operators are told.
    package func tell(_ line: String) {
        let text = line.hasSuffix("\n") ? line.dropLast() : line[...]
        latest.withLock { reading in
            let number = (reading.notices.last?.number ?? 0) + 1
            if reading.notices.count == Self.noticesMax { reading.notices.removeFirst() }
            reading.notices.append(
                Notice(number: number, text: String(text.prefix(Self.noticeBytesMax))))
            reading.number += 1
        }
    }
}
