/// What to do about a row that has no transcript, by the code of its error.
enum FailureAdvice {
    static func text(_ code: String) -> String {
        switch code {
        case "manifest.invalid_json", "manifest.invalid_utf8", "manifest.too_long":
            "mend this line of the manifest, then run the same command with --reconcile"
        case "manifest.missing_field", "manifest.bad_path", "manifest.bad_span":
            "mend this row of the manifest, then run the same command with --reconcile"
        case "audio.not_found":
            "see in the report which path was tried; mend the row, then run the same command with "
                + "--reconcile, or put the file there and transcribe such rows again"
        case "audio.unsupported_location":
            "download it and name the file in the row; commands run with --allow-commands"
        case "audio.command_failed":
            "see in the report what the command said, and mend it in the list"
        case "audio.forbidden_path":
            "put the file below the workers' --audio-root"
        case "audio.unsupported", "audio.encrypted":
            "convert it, for example with ffmpeg to .wav or .flac, and name that file in the row"
        case "audio.damaged", "audio.not_finite", "audio.only_zeros":
            "look for an undamaged copy; scriptorium inspect FILE says what is wrong with this one"
        case "audio.empty":
            "there is nothing to transcribe; see whether offset and duration are of this recording"
        case "audio.sample_rate", "audio.too_long":
            "convert it or cut it into parts, and name those in the rows"
        case "audio.channel":
            "see with scriptorium inspect FILE how many channels it has"
        case "quarantined.memory":
            "run the same command with --retry-quarantined on a machine with more memory"
        case "quarantined.source":
            "see that the workers reach the recording, then run again with --retry-quarantined"
        case _ where code.hasPrefix("quarantined."):
            "run the same command with --retry-quarantined; the report says what happened"
        case _ where code.hasPrefix("text."):
            "mend the text of this row, then run the same command with --reconcile"
        default:
            "the job's report (OUT.report.json) says more"
        }
    }
}
