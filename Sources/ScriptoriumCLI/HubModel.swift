internal import ClusterRuntime
internal import Glibc
internal import ModelHub

/// Models named `hf:OWNER/NAME`, with a line of progress while they download.
enum HubModel {
    /// The path of `model`: its folder in the cache if it is named `hf:OWNER/NAME`, itself otherwise.
    static func path(of model: String, isQuiet: Bool) throws -> String {
        if model.hasPrefix("hf:") { return try folder(of: model, isQuiet: isQuiet) }
        guard access(model, F_OK) != 0, errno == ENOENT else { return model }
        let isName = model.split(separator: "/", omittingEmptySubsequences: false).count == 2
        throw CommandFailure(
            ExitStatus.usage,
            "\(model): there is no such file or folder; "
                + (isName ? "a model of the hub is written hf:\(model)" : "check the path"))
    }

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
            let status =
                error.code == .network ? ExitStatus.tryAgain : ExitStatus.jobRefused
            throw CommandFailure(status, error.description)
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
