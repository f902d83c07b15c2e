internal import Glibc

/// Where models come from and where they are kept, as the hub's own tools understand it.
package struct HubSettings: Sendable {
    /// The hub's address, without a slash at the end (`HF_ENDPOINT`).
    package var endpoint = "https://huggingface.co"
    /// The cache that all tools share (`HF_HUB_CACHE`, else `HF_HOME/hub`).
    package var cacheFolder: String
    /// Shown to the hub, and to no other host (`HF_TOKEN`, else the file `HF_HOME/token`).
    package var token: String?
    /// Whether only the cache may be used (`HF_HUB_OFFLINE`).
    package var isOffline = false

    /// Tries of one request before giving up; each goes on where the last one ended.
    package var attempts = 4
    /// Waited before the second try, doubled for each further one.
    package var firstPause: Duration = .seconds(1)
    package var connectSeconds = 20
    /// A transfer that stays below 1 KiB/s for this long has stalled.
    package var stallSeconds = 60

    static let redirectsMax = 8
    static let answerBytesMax = 16 << 20
    static let fileBytesMax = 64 << 30

    package init(cacheFolder: String) { self.cacheFolder = cacheFolder }

    /// The settings in the environment.
    ///
    /// - Throws: `storage` if neither the environment nor a home names a cache folder.
    package static func fromEnvironment() throws(HubError) -> HubSettings {
        let home = try homeFolder()
        var settings = HubSettings(
            cacheFolder: variable("HF_HUB_CACHE") ?? variable("HUGGINGFACE_HUB_CACHE")
                ?? "\(home)/hub")
        if var endpoint = variable("HF_ENDPOINT") {
            while endpoint.hasSuffix("/") { endpoint.removeLast() }
            settings.endpoint = endpoint
        }
        let offline = variable("HF_HUB_OFFLINE")?.uppercased() ?? ""
        settings.isOffline = ["1", "ON", "YES", "TRUE"].contains(offline)
        let token =
            variable("HF_TOKEN")
            ?? CacheFiles.smallText(variable("HF_TOKEN_PATH") ?? "\(home)/token")
        // A line break would end the header that carries it.
        let trimmed = token?.filter { !$0.isWhitespace } ?? ""
        let isPlain = trimmed.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        settings.token = !trimmed.isEmpty && isPlain ? trimmed : nil
        return settings
    }

    private static func homeFolder() throws(HubError) -> String {
        if let home = variable("HF_HOME") { return home }
        if let cache = variable("XDG_CACHE_HOME") { return "\(cache)/huggingface" }
        guard let home = variable("HOME") else {
            throw HubError(
                .storage, "no folder for downloaded models: set HF_HOME to one, or HOME")
        }
        return "\(home)/.cache/huggingface"
    }

    private static func variable(_ name: String) -> String? {
        guard let value = getenv(name) else { return nil }
        let text = String(cString: value)
        return text.isEmpty ? nil : text
    }
}
