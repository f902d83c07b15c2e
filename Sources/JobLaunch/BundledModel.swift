internal import Checkpoints
internal import Glibc
internal import Processes
package import VoiceActivity

/// The models that come with the program.
package enum BundledModel {
    /// The folder of the demonstration model.
    static var path: String? { folder("digits-en", with: "config.json") }

    /// Whether what finds speech is there.
    package static var hasSpeechNetwork: Bool {
        folder(SpeechNetwork.folderName, with: SpeechNetwork.fileName) != nil
    }

    /// What finds speech.
    ///
    /// - Parameter option: the one that asks for it.
    /// - Throws: if it is not near the program, or another one.
    package static func speechNetwork(for option: String = "--chunk speech") throws -> SpeechNetwork
    {
        let file = SpeechNetwork.fileName
        guard let folder = folder(SpeechNetwork.folderName, with: file) else {
            throw CommandFailure(
                ExitStatus.jobRefused,
                "what finds speech (models/\(SpeechNetwork.folderName)/\(file)) is not near this "
                    + "program: install it again with make install, or leave \(option) out")
        }
        return try SpeechNetwork(FileBytes(mapping: "\(folder)/\(file)"))
    }

    /// The folder of a model, looked for around the executable: in a checkout and in an installation.
    private static func folder(_ name: String, with file: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 4_096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        guard count > 0 else { return nil }
        let bytes = buffer.prefix(count).map { UInt8(bitPattern: $0) }
        var folder = String(decoding: bytes, as: UTF8.self)[...]
        var candidates: [String] = []
        while let slash = folder.lastIndex(of: "/"), candidates.count < 16 {
            folder = folder[..<slash]
            candidates.append("\(folder)/share/scriptorium/models/\(name)")
            candidates.append("\(folder)/models/\(name)")
        }
        return candidates.first { access("\($0)/\(file)", R_OK) == 0 }
    }
}
