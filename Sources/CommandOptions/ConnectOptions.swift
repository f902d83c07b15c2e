package import ArgumentParser
package import ClusterRuntime
package import ClusterSecurity
package import JobLaunch
internal import Processes

/// Keys for coordinators on other machines.
package struct ConnectOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The coordinator's public key, 64 digits, as scriptorium keys show prints it there.",
            discussion: """
                Needed for tcp: nobody without that key is talked to. Given once it is for every \
                --connect; otherwise give one for each, in the same order.
                """,
            valueName: "key"))
    package var coordinatorKey: [KeyArgument] = []

    @OptionGroup package var keys: KeysOption

    @Flag(help: "Allow tcp without encryption; keep it on loopback.")
    package var insecurePlaintext = false

    package init() {}

    package func validate() throws {
        if insecurePlaintext, !coordinatorKey.isEmpty {
            throw ValidationError("give either --coordinator-key or --insecure-plaintext")
        }
    }

    /// The places at `endpoints`, each with the key that it must have.
    package func places(at endpoints: [String]) throws -> [CoordinatorPlace] {
        guard coordinatorKey.count <= 1 || coordinatorKey.count == endpoints.count else {
            throw CommandFailure(
                ExitStatus.usage,
                "\(coordinatorKey.count) --coordinator-key for \(endpoints.count) --connect: give "
                    + "one for all, or one for each in the same order")
        }
        return endpoints.enumerated().map { number, endpoint in
            let key = coordinatorKey.count > 1 ? coordinatorKey[number] : coordinatorKey.first
            return CoordinatorPlace(endpoint: endpoint, key: key?.key)
        }
    }

    /// How to talk to a place.
    package func security(of place: CoordinatorPlace) throws -> ConnectSecurity {
        if insecurePlaintext { return .plaintext }
        guard let key = place.key else { return .ipcOnly }
        return .curve(try keys.folder(), coordinator: key)
    }

    /// Whoever asks or commands the one coordinator at `endpoint`.
    package func client(of endpoint: String) throws -> OperatorClient {
        let place = try places(at: [endpoint])[0]
        return try OperatorClient(to: endpoint, security: security(of: place))
    }
}

/// Where this machine's keys are.
package struct KeysOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The folder of keys; ~/.config/scriptorium/keys by default.", valueName: "folder"),
        completion: .directory)
    package var keys: String?

    package init() {}

    package func folder() throws -> KeyFolder { try KeyFolder(keys) }
}

/// A public key as an argument: 64 hexadecimal digits.
package struct KeyArgument: ExpressibleByArgument {
    package let key: PublicKey

    package init?(argument: String) {
        guard let key = PublicKey(hex: argument) else { return nil }
        self.key = key
    }
}

extension PeerRole: ExpressibleByArgument {}
