internal import ClusterRuntime
internal import Glibc
package import ModelHub
internal import Processes
internal import Threading

/// Models named `hf:OWNER/NAME`, with a line of progress while they download.
package enum HubModel {
    /// The path of `model`: its folder in the cache if it is named `hf:OWNER/NAME`, itself otherwise.
    ///
    /// - Parameters:
    ///   - withLanguageModel: of a model of the hub the language model too.
    ///   - language: of a model of the hub what it has for that language too.
    package static func path(
        of model: String, withLanguageModel: Bool = false, language: String? = nil, isQuiet: Bool
    ) throws -> String {
        if model.hasPrefix("hf:") {
            return try folder(
                of: model, withLanguageModel: withLanguageModel, language: language,
                isQuiet: isQuiet)
        }
        guard access(model, F_OK) != 0, errno == ENOENT else { return model }
        let isName = model.split(separator: "/", omittingEmptySubsequences: false).count == 2
        throw CommandFailure(
            ExitStatus.usage,
            "\(model): there is no such file or folder; "
                + (isName ? "a model of the hub is written hf:\(model)" : "check the path"))
    }

    /// The models in the hub's cache, and where that is.
    package static func cached() throws -> (folder: String, models: [CachedModel]) {
        do throws(HubError) {
            let settings = try HubSettings.fromEnvironment()
            return (settings.cacheFolder, try ModelHub(settings).cachedModels())
        } catch {
            throw CommandFailure(ExitStatus.storage, error.description)
        }
    }

    /// The folder of the model; blocks while it downloads.
    package static func folder(
        of name: String, withLanguageModel: Bool = false, language: String? = nil, isQuiet: Bool
    ) throws -> String {
        do throws(HubError) {
            let hub = ModelHub(try HubSettings.fromEnvironment())
            defer { LongWork.end() }
            if !isQuiet { WorkMeter.shared.begin("asking the hub for \(name)", .files) }
            var shown: HubProgress?
            return try hub.folder(
                of: try ModelReference(name), withLanguageModel: withLanguageModel,
                language: language
            ) { progress in
                guard !isQuiet else { return }
                show(progress, after: shown)
                shown = progress
            }
        } catch {
            let status =
                switch error.code {
                case .network: ExitStatus.tryAgain
                case .storage: ExitStatus.storage
                default: ExitStatus.jobRefused
                }
            throw CommandFailure(status, error.description)
        }
    }

    /// Tells the meter what the hub tells; `before` was the last that it told.
    private static func show(_ progress: HubProgress, after before: HubProgress?) {
        switch progress {
        case .waiting(let file):
            WorkMeter.shared.begin("waiting for another process that downloads \(file)", .files)
        case .downloading(let file, let bytes, let total):
            guard case .downloading(file, let bytesBefore, _)? = before, bytesBefore <= bytes else {
                return WorkMeter.shared.begin(
                    "downloading \(file)", .bytes, total: total, doneBefore: bytes)
            }
            WorkMeter.shared.advance(bytes - bytesBefore, .bytes)
        }
    }
}
