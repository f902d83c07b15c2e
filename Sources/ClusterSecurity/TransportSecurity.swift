internal import Glibc
package import Processes
package import ZeroMQ

/// How a coordinator's tcp endpoints are guarded.
package enum ListenSecurity: Sendable {
    /// There may be none.
    case ipcOnly
    /// In the clear, typed in full.
    case plaintext
    /// CURVE, with the key and the allow-list of a folder.
    case curve(KeyFolder)
}

/// How a worker or an operator reaches a coordinator.
package enum ConnectSecurity: Sendable {
    /// Over ipc.
    case ipcOnly
    /// In the clear, typed in full.
    case plaintext
    /// CURVE, with this machine's key, to the owner of that key and nobody else.
    case curve(KeyFolder, coordinator: PublicKey)
}

extension ListenSecurity {
    /// Refuses endpoints that would carry paths and transcripts in the clear without being told.
    package func check(_ endpoints: [String]) throws(RuntimeError) {
        guard case .ipcOnly = self, let endpoint = endpoints.first(where: isNetwork) else { return }
        throw RuntimeError(
            .usage,
            "\(endpoint) needs keys: type scriptorium keys new here and on each worker, "
                + "or --insecure-plaintext to let paths and transcripts be read on the way")
    }
}

extension ConnectSecurity {
    /// Says now what would keep ``WorkerRunner`` from connecting.
    package func check(_ endpoint: String) throws(RuntimeError) {
        _ = try curve(for: endpoint)
    }

    /// The keys of a socket that connects to `endpoint`; nil for plain text.
    ///
    /// - Throws: if the endpoint would carry paths and transcripts in the clear without being told.
    package func curve(for endpoint: String) throws(RuntimeError) -> CurveRole? {
        guard isNetwork(endpoint) else { return nil }
        switch self {
        case .plaintext: return nil
        case .ipcOnly:
            throw RuntimeError(
                .usage,
                "\(endpoint) needs the coordinator's key: give --coordinator-key KEY, which "
                    + "scriptorium keys show prints there, or --insecure-plaintext to let paths "
                    + "and transcripts be read on the way")
        case .curve(let folder, let coordinator):
            return .client(try folder.keyPair(), server: coordinator.bytes)
        }
    }

    /// What helps when the coordinator at `endpoint` turned this machine's key away.
    package func refusalAdvice(_ endpoint: String, role: PeerRole) -> String {
        var key = "KEY"
        if case .curve(let folder, _) = self, let own = try? folder.publicKey() { key = own.hex }
        let option = role == .worker ? "" : " --role \(role.rawValue)"
        return "the coordinator at \(endpoint) does not allow this machine's key, or not for this; "
            + "on its machine, with --keys if the coordinator has it, "
            + "type: scriptorium keys allow \(Self.name()) \(key)\(option)"
    }

    /// What helps when handshakes with `endpoint` fail; a busy coordinator may break one off, too.
    package func handshakeAdvice(_ endpoint: String) -> String {
        guard case .curve(_, let coordinator) = self else {
            return "no handshake with \(endpoint): if it stays so, its coordinator has keys, and "
                + "--coordinator-key is needed"
        }
        return "no handshake with \(endpoint): if it stays so, compare the key \(coordinator) with "
            + "what scriptorium keys show prints on the coordinator's machine"
    }

    /// The host's name, as far as a key's name may have its letters.
    private static func name() -> String {
        let name = HostName.text().filter {
            $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-")
        }
        return name.isEmpty ? "NAME" : name
    }
}

/// Whether traffic with an endpoint can leave the machine's own memory.
private func isNetwork(_ endpoint: String) -> Bool {
    !endpoint.hasPrefix("ipc:") && !endpoint.hasPrefix("inproc:")
}
