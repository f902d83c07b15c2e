internal import ArgumentParser
internal import ClusterRuntime
internal import CommandOptions
internal import JobJournal
internal import JobLaunch
internal import JobOutput
internal import JobVerification
internal import Logging
internal import Processes
internal import Threading

/// What a job keeps, looked at and mended while nobody works on it.
struct JournalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "journal",
        abstract: "Look at the journal of a job, check it, save what is whole of it.",
        discussion: """
            The journal, OUT.job/journal.sqlite, holds every record until the output is written. \
            These commands refuse (76) while a coordinator works on the job.

            Examples:
              scriptorium journal inspect transcripts.jsonl
              scriptorium journal verify transcripts.jsonl.job
              scriptorium journal salvage transcripts.jsonl
            """,
        subcommands: [JournalInspect.self, JournalVerify.self, JournalSalvageCommand.self])
}

/// The journal that a command is for.
struct JournalTarget: ParsableArguments {
    @Argument(
        help: ArgumentHelp("The output of a job, or its folder OUT.job.", valueName: "out"),
        completion: .file())
    var target: String
}

struct JournalInspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show which job a journal is of and how far it is.",
        discussion: """
            The job and its parts, every run with the job that it was of then (rows may be added), \
            rows by outcome, what was given out when the coordinator ended, and whether the output \
            is final.

            Examples:
              scriptorium journal inspect transcripts.jsonl
              scriptorium journal inspect transcripts.jsonl --json | jq .rows_recorded
            """)

    @OptionGroup var journal: JournalTarget

    @Flag(help: "One JSON object instead of lines for people.")
    var json = false

    func run() throws {
        try reporting {
            let summary = try StoredJob(journal.target).summary()
            try StandardOutput.write(json ? summary.json : summary.text)
            return ExitStatus.done
        }
    }
}

struct JournalVerify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Read all of a journal and say what is not as it was written.",
        discussion: """
            Checks the file with SQLite, the checksum of every outcome, CRC-32C and digest of every \
            record, that every row is one of the job's, and that index and input are those that the \
            journal was made for. Exits with 0 if all is well, with 74 otherwise.

            Example:
              scriptorium journal verify transcripts.jsonl
            """)

    @OptionGroup var journal: JournalTarget

    func run() throws {
        try reporting {
            let job = try StoredJob(journal.target)
            let findings = try LongWork.named("checking \(job.journalPath)", .rows) {
                () throws(RuntimeError) in try job.verify()
            }
            guard !findings.isEmpty else {
                try StandardOutput.write("\(job.journalPath) is as it was written\n")
                return ExitStatus.done
            }
            for finding in findings { ProgramLog.tellAtOnce(.error, finding) }
            return ExitStatus.storage
        }
    }
}

struct JournalSalvageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "salvage",
        abstract: "Keep every row that is whole of a damaged journal.",
        discussion: """
            Rows whose checksums and digests hold go into a new journal; the damaged one stays \
            beside it as journal.old-1.sqlite (remove it when you like). Then run the job's command \
            again: it computes what is missing, and the output is the same bytes.

            Example:
              scriptorium journal salvage transcripts.jsonl
            """)

    @OptionGroup var journal: JournalTarget

    func run() throws {
        try reporting {
            let job = try StoredJob(journal.target)
            WorkMeter.shared.begin("checking \(job.journalPath)", .rows)
            let salvage = try job.salvage()
            LongWork.end()
            switch salvage {
            case .nothingDamaged:
                try StandardOutput.write("\(job.journalPath) is not damaged; nothing was done\n")
            case .salvaged(let result, let aside):
                let rest =
                    result.isNamed
                    ? "\(result.rowsKept) of \(result.rowCount) rows are kept, "
                        + "\(result.rowCount - result.rowsKept) will be computed (again)"
                    : "nothing can be kept, since the journal does not say any more which job it is of"
                try StandardOutput.write(
                    "\(rest); the damaged journal is kept as \(aside). Run the job's command again "
                        + "to go on.\n")
            }
            return ExitStatus.done
        }
    }
}
