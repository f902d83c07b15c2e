internal import ArgumentParser
internal import ClusterRuntime

/// Keys for a coordinator on another machine.
struct ConnectOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The coordinator's public key, as scriptorium keys show prints it there.",
            discussion: "Needed for tcp: nobody without that key is talked to.",
            valueName: "key"))
    var coordinatorKey: KeyArgument?

    @OptionGroup var keys: KeysOption

    @Flag(help: "Allow tcp without encryption; keep it on loopback.")
    var insecurePlaintext = false

    func validate() throws {
        if insecurePlaintext, coordinatorKey != nil {
            throw ValidationError("give either --coordinator-key or --insecure-plaintext")
        }
    }

    func security() throws -> ConnectSecurity {
        if insecurePlaintext { return .plaintext }
        guard let coordinatorKey else { return .ipcOnly }
        return .curve(try keys.folder(), coordinator: coordinatorKey.key)
    }
}

/// Where this machine's keys are.
struct KeysOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The folder of keys; ~/.config/scriptorium/keys by default.", valueName: "folder"),
        completion: .directory)
    var keys: String?

    func folder() throws -> KeyFolder { try KeyFolder(keys) }
}

/// A public key as an argument: 64 hexadecimal digits.
struct KeyArgument: ExpressibleByArgument {
    let key: PublicKey

    init?(argument: String) {
        guard let key = PublicKey(hex: argument) else { return nil }
        self.key = key
    }
}

extension PeerRole: ExpressibleByArgument {}
