internal import ArgumentParser
internal import Certification
internal import CommandOptions
internal import JobLaunch

/// Tries an arithmetic class on this machine and says what came of it: for this program itself, which is not hurt
/// where a library's kernels end the process.
struct CertifyArithmeticCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: CertificationProcess.command,
        abstract: "Whether an arithmetic class keeps its promise here.", shouldDisplay: false)

    @Argument(help: "Precision, instruction set and library.") var words: [String]

    func run() throws {
        try reporting {
            guard let answer = CertificationProcess.run(words) else {
                throw ValidationError("give a precision, an instruction set and a library")
            }
            try StandardOutput.write(bytes: answer)
            return 0
        }
    }
}
