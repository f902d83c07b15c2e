internal import CalibratedRecords
internal import Glibc
internal import JobLaunch
internal import Processes
internal import Provenance

/// What is known of the audio of inputs that are outputs: `INPUT.features.jsonl`, for commands that read
/// log-probabilities in place of audio and are given a calibration.
package enum AudioFeaturesOfInputs {
    /// - Parameters:
    ///   - calibration: its file; nil where none is given.
    ///   - isPart: the job has some of the rows, and counts its own.
    /// - Returns: the file's absolute path; nil where nothing of it is needed.
    /// - Throws: if the calibration goes by what only such a file tells, and there is none.
    package static func path(
        of inputs: [String], for calibration: String?, isPart: Bool
    ) throws -> String? {
        guard let calibration else { return nil }
        let needed = try LaneCalibration(path: calibration).audioFeatures
        guard !needed.isEmpty else { return nil }
        let input = inputs.count == 1 ? inputs.first : nil
        let features = input.map { FeaturesFile.path(ofOutput: $0) }
        guard let features, input != "-", let resolved = realpath(features, nil) else {
            throw CommandFailure(
                ExitStatus.usage,
                "\(calibration) goes by \(needed.joined(separator: ", ")) of the audio, which decode does "
                    + "not read and \(features ?? "OUT.features.jsonl") would say: decode an output that "
                    + "transcribe wrote with --features")
        }
        defer { free(resolved) }
        guard !isPart else {
            throw CommandFailure(
                ExitStatus.usage,
                "\(features) is of all rows, and --part counts its own: decode all at once, or leave "
                    + "--calibration out")
        }
        return String(cString: resolved)
    }
}
