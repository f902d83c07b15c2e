internal import Digests
internal import JobState
internal import SpeechTypes

enum Samples {
    static func digest(_ text: String) -> ContentDigest {
        SHA256Hasher.digest(of: Array(text.utf8))
    }

    static func job(rows: Int, arithmetic: String = "auto") -> JobIdentity {
        JobIdentity(
            manifestDigest: digest("manifest"), rowCount: rows, options: RecognitionOptions(),
            modelDigest: digest("model"), engineNumber: 1, arithmetic: arithmetic)
    }
}
