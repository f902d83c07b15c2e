/// What ffmpeg wrote to its standard error, each line with its level (`-v level+info`).
struct FFmpegMessages {
    /// Seconds that the container states; nil if ffmpeg prints none, or if pictures may outlast the sound.
    private(set) var statedSeconds: Double?
    private(set) var audioTrackCount = 0
    /// The last line that is an error, without addresses, as the end of a sentence; empty if none is.
    private(set) var lastError = ""

    init(_ bytes: [UInt8]) {
        var isInput = true
        var hasPictures = false
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
            let (level, text) = Self.parts(line)
            switch level {
            case "info":
                if text.hasPrefix("Output #") || text.hasPrefix("Stream mapping") {
                    isInput = false
                }
                guard isInput else { continue }
                let words = text.drop { $0 == " " }
                if statedSeconds == nil, words.hasPrefix("Duration: "), text.hasPrefix("  D") {
                    statedSeconds = Self.seconds(words.dropFirst(10).prefix { $0 != "," })
                }
                if words.hasPrefix("Stream #0:") {
                    if words.contains(": Audio: ") { audioTrackCount += 1 }
                    if words.contains(": Video: "), !words.contains("(attached pic)") {
                        hasPictures = true
                    }
                }
            case "warning", "verbose", "debug": continue
            default:
                let words = text.split(separator: " ").joined(separator: " ")
                if !words.isEmpty { lastError = ": " + words.prefix(200) }
            }
        }
        if hasPictures { statedSeconds = nil }
    }

    /// The level that a line begins with, behind the name of who speaks, and the rest; a line without
    /// one (of another program, or a warning's second line) is taken for an error's.
    private static func parts(_ line: Substring) -> (level: Substring, text: Substring) {
        var text = line
        var level: Substring = "error"
        while text.first == "[", let end = text.firstIndex(of: "]") {
            let word = text[text.index(after: text.startIndex)..<end]
            text = text[text.index(after: end)...]
            if text.first == " " { text.removeFirst() }
            if !word.contains(" @ ") {
                level = word
                break
            }
        }
        return (level, text)
    }

    /// `HH:MM:SS.cc`; nil for `N/A`.
    private static func seconds(_ text: Substring) -> Double? {
        let parts = text.split(separator: ":").map { Double($0) }
        guard parts.count == 3, let hours = parts[0], let minutes = parts[1], let seconds = parts[2]
        else { return nil }
        return hours * 3_600 + minutes * 60 + seconds
    }
}
