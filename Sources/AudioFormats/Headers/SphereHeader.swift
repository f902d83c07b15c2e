/// The text that begins a NIST SPHERE file.
package enum SphereHeader {
    private static let headBytes = 1_024

    /// By what the samples were packed (`shorten`, `wavpack` or `shortpack`); nil if they were not.
    package static func packing(of file: AudioFile) throws(AudioError) -> String? {
        let text = String(decoding: try file.bytes(at: 0, count: headBytes), as: UTF8.self)
        let coding = text.split(separator: "\n").first { $0.hasPrefix("sample_coding") }
        guard let coding else { return nil }
        return ["shorten", "wavpack", "shortpack"].first { coding.contains("embedded-" + $0) }
    }
}
