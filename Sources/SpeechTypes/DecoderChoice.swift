/// Which decoder makes the text of a job, as it is asked for and as it stands in the job's identity:
/// `NAME`, or `NAME:SETTING=VALUE,SETTING=VALUE`.
///
/// Which names and settings there are, `CTCDecoding/DecoderList` knows.
package struct DecoderChoice: Hashable, Sendable {
    package var name: String
    package var settings: [String: String]

    package init(name: String, settings: [String: String] = [:]) {
        self.name = name
        self.settings = settings
    }

    /// The decoder of a job that names none.
    package static let greedy = DecoderChoice(name: "greedy")

    /// Readings of each lane that records have; one is the text alone.
    package var readings: Int { settings["nbest"].flatMap { Int($0) } ?? 1 }

    /// What a choice may be long, since it travels in messages.
    private static let utf8Max = 4_096

    /// Reads what ``text`` writes; nil for anything else, a setting that is given twice among it.
    package init?(_ text: String) {
        guard text.utf8.count <= Self.utf8Max else { return nil }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = parts.first, !name.isEmpty else { return nil }
        self.init(name: String(name))
        guard parts.count == 2 else { return }
        for setting in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
            let sides = setting.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2, !sides[0].isEmpty, !sides[1].isEmpty,
                settings.updateValue(String(sides[1]), forKey: String(sides[0])) == nil
            else { return nil }
        }
    }

    /// The same text for the same choice: settings stand in the order of their names.
    package var text: String {
        guard !settings.isEmpty else { return name }
        let listed = settings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return "\(name):\(listed.joined(separator: ","))"
    }
}
