internal import ClusterProtocol
package import ClusterRuntime
package import HTTPService
package import JobDashboard
internal import JobOutput
internal import Processes
internal import StrictJSON

/// Several jobs at one address: each below its number, and a page that lists them; a single one at the root.
package struct DashboardSet: Sendable {
    /// One job of the set.
    package struct Member: Sendable {
        package let output: String
        package let board = StatusBoard()
        package let dashboard: JobDashboard

        package init(
            _ output: String, _ access: HTTPAccess,
            processNumbers: @escaping @Sendable () -> MetricsText.Process,
            wallSeconds: @escaping @Sendable () -> Double
        ) {
            self.output = output
            var job = JobDashboard.Job(
                title: output.split(separator: "/").last.map(String.init) ?? output)
            job.retryCommand =
                "scriptorium retry --all-quarantined -o \(ShellWord.quoted(output))"
            job.isStored = true
            job.journalBytes = { JobFolder.journalBytes(ofOutput: output) }
            dashboard = JobDashboard(
                board, access, job, processNumbers: processNumbers, wallSeconds: wallSeconds)
        }
    }

    private let members: [Member]
    private let access: HTTPAccess

    package init(_ members: [Member], _ access: HTTPAccess) {
        self.members = members
        self.access = access
    }

    /// The answer to a request; nil for a path that is none of these jobs'.
    package func answer(to request: HTTPRequest) -> HTTPAnswer? {
        if members.count == 1 { return members[0].dashboard.answer(to: request) }
        switch request.path {
        case "/": return .reply(JobListPage.reply)
        case "/api/v1/jobs":
            if let refusal = access.refusal(of: request) { return .reply(refusal) }
            var reply = HTTPReply(200, bytes: jobs)
            reply.contentType = "application/json"
            return .reply(reply)
        default: break
        }
        let parts = request.path.split(
            separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count > 1, let number = Int(parts[1]), members.indices.contains(number - 1),
            String(number) == parts[1]
        else { return nil }
        guard parts.count == 3 else {
            var reply = HTTPReply(308, "")
            reply.fields["Location"] = "/\(number)/"
            return .reply(reply)
        }
        return members[number - 1].dashboard.answer(
            to: HTTPRequest(
                method: request.method, path: "/" + parts[2], query: request.query,
                fields: request.fields))
    }

    /// Each job in a few numbers.
    private var jobs: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("jobs")
        writer.beginArray()
        for (index, member) in members.enumerated() {
            let status = member.board.reading.status
            writer.beginObject()
            writer.member("number", index + 1)
            writer.member("job", member.output)
            writer.member("phase", status.phase.rawValue)
            writer.member("rows", status.rowsTotal)
            writer.member("transcribed", status.rowsTranscribed)
            writer.member("rejected", status.rowsRejected)
            writer.member("quarantined", status.rowsQuarantined)
            writer.member("audio_seconds_done", Double(status.audioMillisecondsDone) / 1_000)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }
}
