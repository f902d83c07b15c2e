/// The libraries that this process has in memory, and the programs that it starts.
package struct LibraryFacts: Hashable, Sendable {
    /// Files of libraries, without their folders: `libsndfile.so.1.0.35`.
    package var loaded: [String]
    /// Where ffmpeg is; nil if it is not along PATH.
    package var ffmpeg: String?

    package init(loaded: [String], ffmpeg: String?) {
        self.loaded = loaded
        self.ffmpeg = ffmpeg
    }

    /// What a job leans on, by the beginning of the file's name.
    private static let wanted = [
        "libopenblas", "libdnnl", "libsndfile", "libmpg123", "libsoxr", "libzmq", "libsqlite3",
        "libcurl", "libcrypto", "libz.", "libzstd", "libc.",
    ]

    /// The libraries in the text of `/proc/self/maps`.
    package static func loaded(in maps: String) -> [String] {
        var names: Set<String> = []
        for line in maps.split(separator: "\n") {
            guard let slash = line.lastIndex(of: "/") else { continue }
            let name = line[line.index(after: slash)...]
            guard name.hasPrefix("lib"), name.contains(".so") || name.contains("-") else {
                continue
            }
            names.insert(String(name.prefix(100)))
        }
        return names.sorted()
    }

    package var findings: [Finding] {
        let known = loaded.filter { name in Self.wanted.contains { name.hasPrefix($0) } }
        var findings: [Finding] = []
        let fact = known.isEmpty ? "none was found" : known.joined(separator: ", ")
        let values: [String: Finding.Value] = ["loaded": .text(known.joined(separator: " "))]
        if loaded.contains(where: { $0.hasPrefix("libdnnl") }) {
            findings.append(Finding("libraries", fact, values: values))
        } else {
            findings.append(
                Finding(
                    "libraries", .warning, "\(fact); oneDNN (libdnnl) is not among them",
                    remedy:
                        "apt-get install libdnnl2 (Debian 12) or libdnnl3: it is faster, and needed for bf16 "
                        + "and int8",
                    values: values))
        }
        if let ffmpeg {
            findings.append(Finding("ffmpeg", ffmpeg, values: ["path": .text(ffmpeg)]))
        } else {
            findings.append(
                Finding(
                    "ffmpeg", .warning,
                    "not along PATH: WAV, FLAC, Ogg, Opus and MP3 are read, and nothing else",
                    remedy: "apt-get install ffmpeg"))
        }
        return findings
    }
}
