internal import ClusterRuntime
internal import ModelHub

/// Models named `hf:OWNER/NAME`, with a line of progress while they download.
enum HubModel {
    /// The folder of the model; blocks while it downloads.
    static func folder(of name: String, isQuiet: Bool) throws -> String {
        do throws(HubError) {
            let hub = ModelHub(try HubSettings.fromEnvironment())
            let isShown = !isQuiet && StandardError.isTerminal
            let folder = try hub.folder(of: try ModelReference(name)) { progress in
                if isShown { StandardError.write("\r\u{1B}[2K\(text(progress))") }
            }
            if isShown { StandardError.write("\r\u{1B}[2K") }
            return folder
        } catch {
            throw CommandFailure(ExitStatus.jobRefused, error.description)
        }
    }

    private static func text(_ progress: HubProgress) -> String {
        switch progress {
        case .waiting(let file): return "waiting for another process that downloads \(file)"
        case .downloading(let file, let bytes, let total):
            let percent = total > 0 ? bytes * 100 / total : 0
            return "downloading \(file): \(bytes >> 20) of \(total >> 20) MiB, \(percent) %"
        }
    }
}
