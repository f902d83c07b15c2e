internal import AudioPlaces
package import ClusterRuntime
internal import ClusterSecurity
internal import Glibc
package import JobDashboard
internal import JobOutput
internal import Manifests
package import Processes

/// Keeps a board at what a job is, whoever works on it: asks its coordinator while there is one, else reads what the
/// job keeps.
///
/// Stays on the thread that made it.
package final class JobFollower {
    private let output: String
    private let board: StatusBoard
    private let dashboard: JobDashboard
    /// Which files are played; nil for none.
    private let audioRoots: [String]?
    private var client: OperatorClient?
    /// Of the files that were read last.
    private var stamps: [Stamp?] = []

    /// What changes when a file does.
    private struct Stamp: Equatable {
        let inode: UInt64
        let size: Int
        let seconds: Int
        let nanoseconds: Int
    }

    /// How long a coordinator has to answer.
    private static let patienceMilliseconds = 2_000

    /// - Parameter audioRoots: folders below which files are played, none meaning all; nil where nothing is.
    package init(
        _ output: String, _ board: StatusBoard, _ dashboard: JobDashboard, audioRoots: [String]?
    ) {
        self.output = output
        self.board = board
        self.dashboard = dashboard
        self.audioRoots = audioRoots
    }

    /// Looks at the job.
    ///
    /// - Throws: `usage` where there is none; what keeps it from being read.
    package func look() throws(RuntimeError) {
        if let endpoint = try? JobFolder.endpoint(ofOutput: output),
            EndpointProbe.listens(at: endpoint)
        {
            if client == nil { client = try OperatorClient(to: endpoint, security: .ipcOnly) }
            guard let status = try client?.status(withinMilliseconds: Self.patienceMilliseconds)
            else { return }
            board.post(status, [])
            stamps = []
            return
        }
        client = nil
        let present = Self.files(of: output).map { Self.stamp(of: $0) }
        guard present != stamps else { return }
        let stored: StoredReading
        do throws(RuntimeError) {
            stored = try StoredReading(ofOutput: output)
        } catch {
            // A coordinator has just begun: it will answer.
            if error.code == .superseded { return }
            throw error
        }
        // Reading a journal may put its log away.
        stamps = Self.files(of: output).map { Self.stamp(of: $0) }
        var rows = JobDashboard.Rows()
        if let lines = stored.rows {
            rows.line = { try? lines.raw(of: $0) }
            if let audioRoots {
                let audio = RowAudio(
                    lines,
                    paths: AudioPathPolicy(baseFolder: lines.folder, audioRoots: audioRoots))
                rows.audio = { audio.reply($0, $1) }
            }
        }
        dashboard.show(rows)
        board.show(stored.reading)
    }

    private static func files(of output: String) -> [String] {
        [
            "\(output).job/journal.sqlite", "\(output).job/journal.sqlite-wal",
            "\(output).report.json",
        ]
    }

    private static func stamp(of path: String) -> Stamp? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Stamp(
            inode: UInt64(status.st_ino), size: Int(status.st_size),
            seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
    }
}
