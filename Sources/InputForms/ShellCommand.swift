internal import Manifests
internal import SpeechTypes

/// A command in a list, as Kaldi's `wav.scp` has them: `sox talk.wav -t wav - remix 2 |`.
///
/// Commands are run only where the job and its worker allow it: lists come from anywhere, and workers are
/// other people's machines. Those that only read a file, or one channel of it, say which, and that file is read
/// in their place, whether or not commands are run.
enum ShellCommand {
    /// A recording that a command reads.
    struct Source: Equatable {
        var path: PathBytes
        /// Counted from 0; nil for all channels.
        var channel: Int?
    }

    private static let bar = UInt8(ascii: "|")

    /// What the command reads; nil for a command that does more, or that is not known.
    ///
    /// - Parameter command: with the bar at its end.
    static func source(of command: PathBytes) -> Source? {
        guard AudioLocation.isCommand(command), let end = command.bytes.lastIndex(of: bar),
            let words = words(command.bytes[..<end]), let program = words.first
        else { return nil }
        let name = PathBytes(bytes: program).name
        let arguments = Array(words.dropFirst())
        switch String(decoding: name, as: UTF8.self) {
        case "sox": return sox(arguments)
        case "sph2pipe": return sph2pipe(arguments)
        case "flac": return flac(arguments)
        case "cat": return arguments.count == 1 ? file(arguments[0]) : nil
        case "ffmpeg": return ffmpeg(arguments)
        default: return nil
        }
    }

    private static func file(_ argument: [UInt8], channel: Int? = nil) -> Source? {
        guard let first = argument.first, first != UInt8(ascii: "-") else { return nil }
        return Source(path: PathBytes(bytes: argument), channel: channel)
    }

    /// `sox FILE -t wav - [remix N]`, as this program and many recipes write it.
    private static func sox(_ arguments: [[UInt8]]) -> Source? {
        guard let input = arguments.first, arguments.count == 4 || arguments.count == 6,
            matches(arguments[1...3], ["-t", "wav", "-"])
        else { return nil }
        guard arguments.count == 6 else { return file(input) }
        guard matches(arguments[4...4], ["remix"]), let number = number(arguments[5]), number > 0
        else { return nil }
        return file(input, channel: number - 1)
    }

    /// `sph2pipe -f wav [-p] [-c N] FILE`.
    private static func sph2pipe(_ arguments: [[UInt8]]) -> Source? {
        guard let input = arguments.last else { return nil }
        var channel: Int?
        var rest = arguments.dropLast()
        while let option = rest.popFirst() {
            switch String(decoding: option, as: UTF8.self) {
            case "-p": break
            case "-f":
                guard rest.popFirst().map({ $0.elementsEqual("wav".utf8) }) == true else {
                    return nil
                }
            case "-c":
                guard let number = rest.popFirst().flatMap({ number($0) }), number > 0 else {
                    return nil
                }
                channel = number - 1
            default: return nil
            }
        }
        return file(input, channel: channel)
    }

    /// `flac -c -d -s FILE`, its letters in any order and together or apart.
    private static func flac(_ arguments: [[UInt8]]) -> Source? {
        guard let input = arguments.last else { return nil }
        var letters = Set<UInt8>()
        for option in arguments.dropLast() {
            guard option.count > 1, option[0] == UInt8(ascii: "-") else { return nil }
            letters.formUnion(option.dropFirst())
        }
        guard letters.isSubset(of: "cds".utf8), letters.isSuperset(of: "cd".utf8) else {
            return nil
        }
        return file(input)
    }

    /// What lhotse writes for one channel of several.
    ///
    /// `ffmpeg -threads 1 -i FILE -ar RATE -map_channel 0.0.N -f wav -threads 1 pipe:1`, the rate being
    /// the recording's own.
    private static func ffmpeg(_ arguments: [[UInt8]]) -> Source? {
        guard arguments.count == 13, matches(arguments[0...2], ["-threads", "1", "-i"]),
            matches(arguments[4...4], ["-ar"]), number(arguments[5]) != nil,
            matches(arguments[6...6], ["-map_channel"]), arguments[7].starts(with: "0.0.".utf8),
            let channel = number(Array(arguments[7].dropFirst(4))),
            matches(arguments[8...12], ["-f", "wav", "-threads", "1", "pipe:1"])
        else { return nil }
        return file(arguments[3], channel: channel)
    }

    private static func matches(_ arguments: ArraySlice<[UInt8]>, _ words: [String]) -> Bool {
        arguments.elementsEqual(words) { $0.elementsEqual($1.utf8) }
    }

    private static func number(_ digits: [UInt8]) -> Int? {
        guard (1...4).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return Int(String(decoding: digits, as: UTF8.self))
    }

    /// The words of a simple command, quotes taken off; nil where a shell would do more than start a program.
    private static func words(_ command: ArraySlice<UInt8>) -> [[UInt8]]? {
        var words: [[UInt8]] = []
        var word: [UInt8]?
        var quote: UInt8?
        var rest = command
        while let byte = rest.popFirst() {
            switch (byte, quote) {
            case (UInt8(ascii: "'"), nil), (UInt8(ascii: "\""), nil):
                quote = byte
                word = word ?? []
            case (let end, let open?) where end == open: quote = nil
            case (UInt8(ascii: "\\"), nil):
                guard let next = rest.popFirst() else { return nil }
                word = (word ?? []) + [next]
            case (UInt8(ascii: "\\"), UInt8(ascii: "\"")):
                guard let next = rest.popFirst() else { return nil }
                let isSpecial = "$`\"\\".utf8.contains(next)
                word = (word ?? []) + (isSpecial ? [next] : [byte, next])
            case (0x20, nil), (0x09, nil):
                if let word { words.append(word) }
                word = nil
            case (let special, nil) where "$`;&|<>()*?[]{}~#!\n".utf8.contains(special): return nil
            case (let special, UInt8(ascii: "\"")) where "$`".utf8.contains(special): return nil
            default: word = (word ?? []) + [byte]
            }
        }
        guard quote == nil else { return nil }
        return words + (word.map { [$0] } ?? [])
    }
}
