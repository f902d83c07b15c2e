/// How far a download is.
package enum HubProgress: Hashable, Sendable {
    /// Another process downloads the same file; this one waits for it.
    case waiting(file: String)
    /// `bytes` of `total` are on disk, those of an earlier try among them.
    case downloading(file: String, bytes: Int, total: Int)
}
