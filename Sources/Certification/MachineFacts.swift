internal import Files
internal import Glibc
package import Tensors

/// What a certificate is good for, as the system tells it.
package enum MachineFacts {
    private static let bytesMax = 4 << 20

    /// What decides how the processor computes, in the text of `/proc/cpuinfo`: of the first one, as a machine's are alike.
    package static func processor(in cpuinfo: String) -> String {
        let wanted = [
            "vendor_id", "cpu family", "model", "model name", "stepping", "microcode", "flags",
            "CPU implementer", "CPU variant", "CPU part", "CPU revision", "Features",
        ]
        var lines: [Substring] = []
        for line in cpuinfo.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.isEmpty { break }
            let name = line.prefix { $0 != ":" && $0 != "\t" }
            if wanted.contains(String(name)) { lines.append(line) }
        }
        return lines.joined(separator: "\n")
    }

    static func processor() -> String { processor(in: text("/proc/cpuinfo")) }

    /// What stands for this program's file.
    static func program() -> String { stamp("/proc/self/exe") }

    /// The paths of a library's files in the text of `/proc/self/maps`; none if it is not in memory.
    ///
    /// There are several where one stands before another, as the tools that watch a library do.
    package static func paths(of library: ArithmeticClass.Library, in maps: String) -> [String] {
        let beginning =
            switch library {
            case .oneDNN: "libdnnl."
            case .openBLAS: "libopenblas"
            }
        var paths: Set<String> = []
        for line in maps.split(separator: "\n") {
            guard let slash = line.firstIndex(of: "/") else { continue }
            let path = line[slash...]
            if path.split(separator: "/").last?.hasPrefix(beginning) == true {
                paths.insert(String(path))
            }
        }
        return paths.sorted()
    }

    /// What stands for a library's files, once they are in memory.
    static func library(_ library: ArithmeticClass.Library) -> String {
        paths(of: library, in: text("/proc/self/maps")).map { stamp($0) }.joined(separator: "; ")
    }

    private static func stamp(_ path: String) -> String {
        var status = stat()
        guard stat(path, &status) == 0 else { return "unknown" }
        let time = status.st_mtim
        return "\(status.st_size) \(time.tv_sec).\(time.tv_nsec) \(path)"
    }

    private static func text(_ path: String) -> String {
        let bytes = try? OpenFile(path).contents(bytesMax: bytesMax)
        return bytes.map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
