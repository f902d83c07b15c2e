internal import Digests
internal import Files
internal import Glibc
package import Processes
internal import SystemErrors
package import ZeroMQ

/// A machine's key and the keys it lets in: a folder with mode 0700.
///
/// `secret.key` holds the machine's own secret, and `allowed/NAME.key` one line each, `ROLE KEY`.
/// Files have mode 0600, are written whole or not at all, and are refused where others could have read or
/// written them.
package struct KeyFolder: Sendable {
    package let path: String
    /// What names the folder on a command line: nothing for the user's own.
    package let option: String
    private var secretPath: String { "\(path)/secret.key" }
    private var allowedPath: String { "\(path)/allowed" }

    /// A key file has a role and 64 digits.
    private static let fileBytesMax = 256
    /// More keys than any fleet has machines.
    private static let entriesMax = 20_000
    private static let nameBytesMax = 64
    private static let suffix = ".key"

    /// - Parameter path: nil for `scriptorium/keys` in the user's folder for settings.
    package init(_ path: String? = nil) throws(RuntimeError) {
        if let path {
            self.path = path
            option = " --keys \(path)"
            return
        }
        option = ""
        func folder(_ variable: String) -> String? {
            guard let value = getenv(variable).map({ String(cString: $0) }), value.hasPrefix("/")
            else { return nil }
            return value
        }
        guard
            let base = folder("XDG_CONFIG_HOME") ?? folder("HOME").map({ "\($0)/.config" })
        else {
            throw RuntimeError(.usage, "HOME is not set: name the folder of keys with --keys")
        }
        self.path = "\(base)/scriptorium/keys"
    }

    // MARK: The machine's own key

    /// Makes the machine's key; the public half.
    ///
    /// - Throws: if there is one already.
    package func makeSecret() throws(RuntimeError) -> PublicKey {
        try makeFolder(path)
        let pair: CurveKeyPair
        do {
            pair = try CurveKeyPair()
        } catch {
            throw RuntimeError(.system, error.description)
        }
        guard try create(secretPath, Hexadecimal.text(pair.secretKey) + "\n") else {
            throw RuntimeError(
                .usage,
                "\(secretPath) exists: this machine has a key, and workers and coordinators know "
                    + "it; move the file away to make another")
        }
        return try Self.publicKey(of: pair)
    }

    /// Whether the machine has a key here, be it readable or not.
    package var hasSecret: Bool { access(secretPath, F_OK) == 0 }

    /// The public half of the machine's key.
    package func publicKey() throws(RuntimeError) -> PublicKey {
        try Self.publicKey(of: keyPair())
    }

    package func keyPair() throws(RuntimeError) -> CurveKeyPair {
        try checkFolder(path)
        guard let text = try read(secretPath) else {
            throw RuntimeError(
                .usage, "this machine has no key in \(path): type scriptorium keys new")
        }
        guard let bytes = Hexadecimal.bytes(text), bytes.count == CurveKeyPair.keyBytes else {
            throw RuntimeError(
                .usage,
                "\(secretPath) is not a key: remove it and type scriptorium keys new")
        }
        do {
            return try CurveKeyPair(secretKey: bytes)
        } catch {
            throw RuntimeError(.system, error.description)
        }
    }

    private static func publicKey(of pair: CurveKeyPair) throws(RuntimeError) -> PublicKey {
        guard let key = PublicKey(bytes: pair.publicKey) else {
            throw RuntimeError(.system, "a public key has 32 bytes")
        }
        return key
    }

    // MARK: Allowed keys

    /// Lets the owner of a key in.
    package func allow(_ entry: AllowList.Entry) throws(RuntimeError) {
        try Self.checkName(entry.name)
        try makeFolder(path)
        try makeFolder(allowedPath)
        let file = file(of: entry.name)
        let line = "\(entry.role.rawValue) \(entry.key.hex)\n"
        guard try !create(file, line) else { return }
        guard try read(file) != String(line.dropLast()) else { return }
        throw RuntimeError(
            .usage,
            "\(entry.name) is allowed already, with another key or role: "
                + "type scriptorium keys revoke \(entry.name)\(option) first")
    }

    /// Takes back what ``allow(_:)`` gave.
    ///
    /// - Returns: the names under which the same key is still allowed.
    @discardableResult
    package func revoke(_ name: String) throws(RuntimeError) -> [AllowList.Entry] {
        try Self.checkName(name)
        let entries = try allowList { _ in }.entries
        let key = entries.first { $0.name == name }?.key
        guard unlink(file(of: name)) != 0 else {
            return entries.filter { $0.key == key && $0.name != name }
        }
        guard errno == ENOENT else { throw .storage(file(of: name), "remove the file") }
        throw RuntimeError(
            .usage, "\(name) is not allowed here: scriptorium keys show lists who is")
    }

    /// The keys that are allowed; none where the folder has none.
    ///
    /// - Throws: on the first file that is not what ``allow(_:)`` writes.
    package func allowList() throws(RuntimeError) -> AllowList {
        var failure: RuntimeError?
        let list = try allowList { failure = failure ?? $0 }
        if let failure { throw failure }
        return list
    }

    /// The keys that are allowed.
    ///
    /// - Parameter onBadFile: called for each file that is not what ``allow(_:)`` writes; such a file
    ///   allows no key.
    package func allowList(onBadFile: (RuntimeError) -> Void) throws(RuntimeError) -> AllowList {
        var entries: [AllowList.Entry] = []
        for name in try names() {
            do throws(RuntimeError) {
                if let entry = try entry(name) { entries.append(entry) }
            } catch {
                onBadFile(error)
            }
        }
        return AllowList(entries)
    }

    /// Changes whenever a file of the allow-list does.
    package func fingerprint() -> [String: [Int]] {
        var files: [String: [Int]] = [:]
        for name in (try? names()) ?? [] {
            var status = stat()
            guard lstat(file(of: name), &status) == 0 else { continue }
            files[name] = [
                Int(status.st_ino), Int(status.st_mode), Int(status.st_size),
                status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec,
                status.st_ctim.tv_nsec,
            ]
        }
        return files
    }

    private func file(of name: String) -> String { "\(allowedPath)/\(name)\(Self.suffix)" }

    private func entry(_ name: String) throws(RuntimeError) -> AllowList.Entry? {
        guard let text = try read(file(of: name)) else { return nil }
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 2, let role = PeerRole(rawValue: String(words[0])),
            let key = PublicKey(hex: String(words[1]))
        else {
            throw RuntimeError(
                .usage,
                "\(file(of: name)) is not one line of a role and a key: type scriptorium keys "
                    + "revoke \(name), then scriptorium keys allow \(name) KEY")
        }
        return AllowList.Entry(name: name, role: role, key: key)
    }

    private func names() throws(RuntimeError) -> [String] {
        guard access(allowedPath, F_OK) == 0 else { return [] }
        try checkFolder(path)
        try checkFolder(allowedPath)
        guard let folder = opendir(allowedPath) else {
            throw RuntimeError(FileError(allowedPath, "open the folder"))
        }
        defer { closedir(folder) }
        var names: [String] = []
        while let item = readdir(folder) {
            let name = withUnsafePointer(to: &item.pointee.d_name) { text in
                text.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name.hasSuffix(Self.suffix), !name.hasPrefix(".") else { continue }
            names.append(String(name.dropLast(Self.suffix.count)))
            guard names.count <= Self.entriesMax else {
                throw RuntimeError(
                    .usage, "\(allowedPath) has more than \(Self.entriesMax) keys")
            }
        }
        return names.sorted()
    }

    private static func checkName(_ name: String) throws(RuntimeError) {
        let isName = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isName, !name.isEmpty, name.utf8.count <= nameBytesMax, !name.hasPrefix(".") else {
            throw RuntimeError(
                .usage,
                "\"\(name)\" is not a name for a key: letters, digits, . _ and -, "
                    + "at most \(nameBytesMax), not first a dot")
        }
    }
}

/// Files and folders that nobody else may touch.
extension KeyFolder {
    private func makeFolder(_ folder: String) throws(RuntimeError) {
        // Only the last folder holds keys, and only that is checked.
        for end in folder.indices where folder[end] == "/" && end != folder.startIndex {
            mkdir(String(folder[..<end]), 0o700)
        }
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
            throw .storage(folder, "make the folder")
        }
        try checkFolder(folder)
    }

    private func checkFolder(_ folder: String) throws(RuntimeError) {
        var status = stat()
        guard lstat(folder, &status) == 0 else {
            guard errno == ENOENT else { throw .storage(folder, "look at the folder") }
            throw RuntimeError(
                .usage, "there is no folder \(folder): type scriptorium keys new")
        }
        guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid(),
            status.st_mode & 0o077 == 0
        else {
            throw RuntimeError(
                .usage,
                "\(folder) holds keys and must be a folder of yours that is closed to others: "
                    + "type chmod 700 \(folder)")
        }
    }

    /// Makes a file with `text` in it, whole or not at all; false if there is one already.
    private func create(_ file: String, _ text: String) throws(RuntimeError) -> Bool {
        try mapError({ RuntimeError($0) }) { () throws(FileError) in
            let part = try AtomicFile(
                file, writtenTo: "\(file).\(getpid()).new", permissions: 0o600, isSecret: true)
            try part.write(text.utf8)
            return try part.commitIfAbsent()
        }
    }

    /// The file's first line; nil if there is no such file.
    private func read(_ file: String) throws(RuntimeError) -> String? {
        let descriptor = open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw RuntimeError(FileError(file, "open the file"))
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            status.st_uid == geteuid(), status.st_mode & 0o077 == 0
        else {
            throw RuntimeError(
                .usage,
                "\(file) must be a file of yours that is closed to others: type chmod 600 \(file)")
        }
        let contents = try mapError({ RuntimeError(FileError(file, "read the file", $0)) }) {
            () throws(SystemError) in
            try DescriptorIO.contents(of: descriptor, bytesMax: Self.fileBytesMax)
        }
        guard let bytes = contents else {
            throw RuntimeError(.usage, "\(file) is too long for a key; remove it")
        }
        let line = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 1)
        return String(decoding: line.first ?? [], as: UTF8.self)
    }
}
