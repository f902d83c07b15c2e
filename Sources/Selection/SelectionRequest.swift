/// What is chosen of an output, and where it goes.
package struct SelectionRequest: Hashable, Sendable {
    package var output: String
    /// `OUT.features.jsonl`; nil where the output has none.
    package var features: String?
    package var calibration: String?
    /// Another output of the same rows.
    package var other: String?
    package var limits = SelectionLimits()
    /// Errors a word that may be expected of all that is kept.
    package var errorRateMax: Double?
    package var hoursMax: Double?
    package var speakerHoursMax: Double?
    package var folderHoursMax: Double?
    /// Shares of shingles by which a text repeats one that is kept.
    package var duplicateShare: Double?
    /// Leaves out rows whose recording is that of one that is kept.
    package var dropsSameAudio = false
    /// Where relative recordings are, if they are read.
    package var audioRoot: String?
    /// Shares of train, valid and test; empty for one file.
    package var parts: [Part] = []
    /// Of the order in which speakers or recordings go to the parts.
    package var seed: UInt64 = 1
    /// What goes to one part as a whole: `speaker` (a recording where a row has none) or `file`.
    package var splitsBy = SplitKey.speaker
    /// The member that names a row's licence.
    package var licenceField = "licence"
    /// Goes by expected errors although the rows are unlike those that were calibrated on.
    package var trustsUnlike = false

    package enum SplitKey: String, Hashable, Sendable, CaseIterable {
        case speaker, file
    }

    package struct Part: Hashable, Sendable {
        package var name: String
        /// From 0 to 1.
        package var share: Double

        package init(name: String, share: Double) {
            self.name = name
            self.share = share
        }
    }

    package init(output: String) { self.output = output }

    /// Names of the files of kept rows, without `.jsonl`.
    package var partNames: [String] { parts.isEmpty ? ["selected"] : parts.map(\.name) }

    /// What is wrong with it; nil if nothing is.
    package var problem: String? {
        if limits.staysInside, calibration == nil {
            return
                "what is outside is said by a calibration; give --calibration X.calibration, which "
                + "scriptorium calibrate makes"
        }
        if (other == nil) != (limits.agreementMin == nil) {
            return "--agree names another output, and --agreement how much of it is the same"
        }
        let names = parts.map(\.name)
        guard Set(names).count == names.count else { return "two parts have one name" }
        if let bad = names.first(where: { !Self.isPartName($0) }) {
            return "\(bad) is no name of a part: letters, digits, - and _ are"
        }
        let sum = parts.reduce(0) { $0 + $1.share }
        guard parts.isEmpty || abs(sum - 1) < 1e-6 else {
            return "the shares of --split are of 100, and come to \(Int((sum * 100).rounded()))"
        }
        for name in limits.scripts where Script(rawValue: name) == nil {
            return "\(name) is no script; scripts are "
                + Script.allCases.map(\.rawValue).joined(separator: ", ")
        }
        return nil
    }

    private static func isPartName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 64 && name != "rejected" && name != "selected"
            && name.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0)
                    || (0x61...0x7A).contains($0) || $0 == 0x2D || $0 == 0x5F
            }
    }
}
