internal import ArgumentParser
internal import ClusterRuntime
internal import ClusterSecurity
internal import CommandOptions
internal import JobLaunch
internal import Logging

/// Make and exchange the keys with which machines know each other.
struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Make this machine's key, and say whose keys may work for it.",
        discussion: """
            Traffic over tcp is encrypted, and both sides know each other by their keys: a worker \
            is told the coordinator's, and the coordinator's machine keeps the workers'. Nobody \
            else gets in. A public key may be shown to anybody; secret.key must not leave the \
            machine.

            Examples:
              scriptorium keys new                        # once on each machine
              scriptorium keys allow worker-1 KEY         # on the coordinator's machine
              scriptorium keys allow anna KEY --role operator
              scriptorium keys revoke worker-1            # its session ends within a second or two
            """,
        subcommands: [New.self, Show.self, Allow.self, Revoke.self])

    struct New: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make this machine's key, and print the public half.")

        @OptionGroup var keys: KeysOption

        func run() throws {
            try reporting {
                try StandardOutput.write("\(try keys.folder().makeSecret())\n")
                return 0
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print this machine's public key, and whose keys it lets in.")

        @OptionGroup var keys: KeysOption

        func run() throws {
            try reporting {
                let folder = try keys.folder()
                let allowed = try folder.allowList().entries
                var lines = ["key     \(try folder.publicKey())", "folder  \(folder.path)"]
                let width = allowed.map(\.name.count).max() ?? 0
                for entry in allowed {
                    let name = padded(entry.name, width)
                    lines.append("allows  \(name)  \(padded(entry.role.rawValue, 8))  \(entry.key)")
                }
                if allowed.isEmpty { lines.append("allows  nobody") }
                try StandardOutput.write(lines.joined(separator: "\n") + "\n")
                return 0
            }
        }

        private func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(0, width - text.count))
        }
    }

    struct Allow: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let the owner of a key connect to coordinators of this machine.",
            discussion: """
                A running coordinator notices within a second.

                Examples:
                  scriptorium keys allow worker-1 KEY
                  scriptorium keys allow anna KEY --role operator
                """)

        @Argument(help: "A name for the key, by which it can be revoked.")
        var name: String

        @Argument(
            help: ArgumentHelp(
                "A public key, 64 hexadecimal digits, as scriptorium keys show prints it on the "
                    + "other machine.",
                valueName: "key"))
        var key: KeyArgument

        @Option(
            help: ArgumentHelp(
                "worker takes rows; operator steers the job; observer asks for its status.",
                valueName: "role"))
        var role: PeerRole = .worker

        @OptionGroup var keys: KeysOption

        func run() throws {
            try reporting {
                try keys.folder().allow(AllowList.Entry(name: name, role: role, key: key.key))
                return 0
            }
        }
    }

    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let the owner of a key connect no more; a running session of it ends.")

        @Argument(help: "The name that the key was allowed under.")
        var name: String

        @OptionGroup var keys: KeysOption

        func run() throws {
            try reporting {
                for entry in try keys.folder().revoke(name) {
                    ProgramLog.tellAtOnce(
                        .warning,
                        "the same key is still allowed as \(entry.name) (\(entry.role.rawValue))")
                }
                return 0
            }
        }
    }
}
