package import ArgumentParser
package import JobLaunch

/// What the classes of stored log-probabilities stand for, and by how many workers they are read.
package struct AlphabetOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The classes of stored log-probabilities, in place of a model.",
            discussion: """
                JSON: {"labels": ["<pad>", "|", "E", …], "blank": 0, "word_delimiter": "|"}, or null for \
                alphabets without one; "frame_seconds" where frames are not 0.02 s apart.
                """,
            valueName: "file"), completion: .file(extensions: ["json"]))
    package var alphabet: String?

    @Option(help: ArgumentHelp("Worker processes.", valueName: "n"))
    package var workers = 1

    package init() {}

    package func apply(to request: inout JobRequest) {
        if let alphabet { request.model.name = alphabet }
    }

    /// What commands for rows with texts or stored log-probabilities refuse.
    ///
    /// - Parameter takesModelToo: an alphabet and a model may both be named.
    package func validateJob(_ job: JobOptions, takesModelToo: Bool = false) throws {
        guard (1...256).contains(workers) else {
            throw ValidationError("--workers must be 1 to 256")
        }
        guard job.output != nil || job.dryRun else {
            throw ValidationError("give -o OUT.jsonl, or -o - for records on standard output")
        }
        if job.records.languageField != nil {
            throw ValidationError(
                "--language-field is for transcribe and coordinate; do one job for each language with --language"
            )
        }
        if !takesModelToo, alphabet != nil,
            job.model.files.model != nil || job.model.files.labels != nil
        {
            throw ValidationError(
                "--alphabet stands in place of a model; leave it or --model and --labels out")
        }
    }
}
