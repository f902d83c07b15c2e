internal import Glibc

/// The demonstration model that comes with the program.
enum BundledModel {
    /// Its folder, looked for around the executable: in a checkout and in an installation.
    static var path: String? {
        var buffer = [CChar](repeating: 0, count: 4_096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        guard count > 0 else { return nil }
        let bytes = buffer.prefix(count).map { UInt8(bitPattern: $0) }
        var folder = String(decoding: bytes, as: UTF8.self)[...]
        var candidates: [String] = []
        while let slash = folder.lastIndex(of: "/"), candidates.count < 16 {
            folder = folder[..<slash]
            candidates.append("\(folder)/share/scriptorium/models/digits-en")
            candidates.append("\(folder)/models/digits-en")
        }
        return candidates.first { access("\($0)/config.json", R_OK) == 0 }
    }
}
