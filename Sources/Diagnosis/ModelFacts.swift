/// A model, loaded and tried.
package struct ModelFacts: Hashable, Sendable {
    /// What came of computing the canary's clip over and over.
    package struct Trial: Hashable, Sendable {
        package var arithmetic: String
        package var modelDigest: String
        /// One for each time.
        package var canaryDigests: [String]
        /// Audio seconds that one thread computes in a second, at best.
        package var speed: Double
        package var seconds: Double

        package init(
            arithmetic: String, modelDigest: String, canaryDigests: [String], speed: Double,
            seconds: Double
        ) {
            self.arithmetic = arithmetic
            self.modelDigest = modelDigest
            self.canaryDigests = canaryDigests
            self.speed = speed
            self.seconds = seconds
        }
    }

    /// Where it is, or the name that was asked for.
    package var path: String
    package var trial: Trial?
    /// Why it cannot be used.
    package var refusal: String?
    /// What finds speech is beside the program.
    package var hasSpeechNetwork: Bool

    package init(path: String, trial: Trial?, refusal: String?, hasSpeechNetwork: Bool) {
        self.path = path
        self.trial = trial
        self.refusal = refusal
        self.hasSpeechNetwork = hasSpeechNetwork
    }

    package var findings: [Finding] {
        var findings: [Finding] = []
        if let trial {
            findings.append(
                Finding(
                    "model", "\(path), \(trial.modelDigest.prefix(16))…",
                    values: ["path": .text(path), "digest": .text(trial.modelDigest)]))
            findings.append(Self.canary(trial))
        } else {
            findings.append(
                Finding(
                    "model", .problem, refusal ?? "\(path) was not tried",
                    remedy:
                        "name one that this machine has with --model; models/README.md tells which there are",
                    values: ["path": .text(path)]))
        }
        if !hasSpeechNetwork {
            findings.append(
                Finding(
                    "speech", .warning,
                    "what finds speech (models/silero-vad) is not near this program",
                    remedy:
                        "install the program whole (make install, or the package); --chunk speech needs it"
                ))
        }
        return findings
    }

    private static func canary(_ trial: Trial) -> Finding {
        let digest = trial.canaryDigests.first ?? ""
        let values: [String: Finding.Value] = [
            "digest": .text(digest), "arithmetic": .text(trial.arithmetic),
            "speed_per_thread": .number((trial.speed * 10).rounded() / 10),
            "seconds": .number((trial.seconds * 10).rounded() / 10),
        ]
        guard Set(trial.canaryDigests).count == 1 else {
            return Finding(
                "canary", .problem, "the same clip gave other bits the next time",
                remedy: "do not use this machine: its processor or its memory is faulty",
                values: values)
        }
        return Finding(
            "canary",
            "\(digest.prefix(16))… in \(trial.arithmetic), a thread does \(Int(trial.speed)) s of audio a second",
            values: values)
    }
}
