internal import ClusterProtocol
internal import Digests

enum Samples {
    static func digest(_ text: String) -> ContentDigest {
        SHA256Hasher.digest(of: Array(text.utf8))
    }

    static func rowDigest(_ ordinal: Int) -> ShortDigest { digest("row \(ordinal)").short }

    static func identity(slot: String) -> WorkerIdentity {
        WorkerIdentity(
            slot: slot, instance: String(repeating: "0", count: 31) + "1", build: "test",
            modelDigest: digest("model"), engineNumber: 1, arithmetic: "fp32/a",
            arithmeticClasses: ["fp32/a"], canaryDigest: digest("canary"), cores: 1,
            memoryBytes: 1 << 30, speed: 10_000)
    }
}
