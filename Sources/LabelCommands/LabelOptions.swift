internal import ArgumentParser
internal import Calibration
internal import ErrorRates
internal import Glibc
internal import JobLaunch
internal import Manifests
internal import MeasuredRows
internal import Processes
internal import Provenance
internal import SpeechTypes
internal import TextNormalizers

/// How texts are compared.
struct LabelOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The field that holds the reference.", valueName: "field"))
    var reference = "text"

    @Option(
        help: ArgumentHelp("basic, english or none, as of evaluate.", valueName: "name"))
    var normalizer = "basic"

    init() {}

    func validate() throws {
        guard TextNormalizer(rawValue: normalizer) != nil else {
            throw ValidationError("--normalizer is basic, english or none")
        }
    }

    var comparison: TextComparison {
        TextComparison(normalizer: TextNormalizer(rawValue: normalizer) ?? .basic)
    }
}

/// Files that the commands of this target read and write.
enum LabelFiles {
    /// - Throws: if there is no such output.
    static func output(_ path: String) throws -> String {
        guard access(path, F_OK) == 0 else { throw CommandFailure.noOutput(path) }
        return path
    }

    /// The features beside an output; nil where there are none.
    static func features(of output: String) -> String? {
        let path = FeaturesFile.path(ofOutput: output)
        return access(path, F_OK) == 0 ? path : nil
    }

    /// Where relative recordings of an output are, absolute.
    ///
    /// - Parameter named: the folder that the command names; nil for what the job's report says.
    static func recordings(of output: String, named: String?) throws -> String {
        if let named { return try FilePath.absolute(named) }
        let report = (try? ReportFile.read(ReportFile.path(ofOutput: output))) ?? nil
        if let report { return report.folder }
        return try FilePath.folder(of: FilePath.absolute(output))
    }

    /// - Throws: if a file to be written is one that is read.
    static func refuse(writing path: String, over inputs: [String]) throws {
        guard let place = PathBytes(path).resolved else { return }
        for input in inputs where PathBytes(input).resolved == place {
            throw CommandFailure(
                ExitStatus.usage, "\(path) is read here and would be replaced; choose another name")
        }
    }
}

/// Runs `body`; what is wrong with its inputs becomes a failure of the command.
func mended<Value>(_ body: () throws -> Value) throws -> Value {
    do {
        return try body()
    } catch let error as CalibrationError {
        throw CommandFailure(ExitStatus.usage, error.description)
    } catch let error as MeasuredRows.Fault {
        throw CommandFailure(ExitStatus.usage, error.description)
    }
}
