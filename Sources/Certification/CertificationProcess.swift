internal import Glibc
internal import Processes
internal import StrictJSON
package import Tensors

/// The trial of a class in a process of its own: what it is told, what it says, and how it is run.
package enum CertificationProcess {
    /// The command of the program that runs it.
    package static let command = "certify-arithmetic"
    /// A library that does not come back is as bad as one that fails.
    private static let secondsMax: UInt32 = 60

    /// The words of a class, its library's version left open.
    static func arguments(of candidate: ArithmeticChoice) -> [String] {
        [
            command, candidate.precision?.rawValue ?? "", candidate.instructionSet?.rawValue ?? "",
            candidate.library?.rawValue ?? "",
        ]
    }

    /// Tries a class in this process, which must not have one yet.
    ///
    /// - Parameter words: those after the command.
    /// - Returns: what to write to standard output: a certificate, or why the class is not here; nil for other words.
    package static func run(_ words: [String]) -> [UInt8]? {
        guard words.count == 3, let precision = ArithmeticClass.Precision(rawValue: words[0]),
            let set = InstructionSet(rawValue: words[1]),
            let library = ArithmeticClass.Library(rawValue: words[2])
        else { return nil }
        alarm(secondsMax)
        do throws(ArithmeticError) {
            let backend = try ComputeBackend.activate(
                ArithmeticChoice(precision: precision, instructionSet: set, library: library))
            let failure = ClassTrial.failure(of: backend)
            return Certificate(
                arithmetic: backend.arithmetic, library: MachineFacts.library(library),
                failure: failure, shapes: failure == nil ? backend.multiply.checked.texts : []
            ).json
        } catch {
            var writer = JSONWriter()
            writer.beginObject()
            writer.member("unavailable", error.message)
            writer.endObject()
            return writer.bytes
        }
    }

    /// Runs this program for a class.
    static func certify(_ candidate: ArithmeticChoice) -> CertifiedBackend.Trial {
        let ended: (status: Int32, output: [UInt8])
        do throws(RuntimeError) {
            ended = try OwnProgram.run(arguments(of: candidate), outputMax: Certificate.bytesMax)
        } catch {
            return .unavailable(error.message)
        }
        return read(ended.output, status: ended.status, of: candidate)
    }

    /// What the process said.
    ///
    /// - Parameter status: 128 and the number of the signal where one ended it, as a library's kernels that the
    ///   processor does not run do.
    package static func read(
        _ output: [UInt8], status: Int32, of candidate: ArithmeticChoice
    ) -> CertifiedBackend.Trial {
        if status == 0, let certificate = Certificate(json: output) { return .tried(certificate) }
        if status == 0, let object = try? JSONParser.parse(output).object {
            return .unavailable(object["unavailable"]?.string ?? "its trial said nothing")
        }
        guard status > 128, let precision = candidate.precision,
            let set = candidate.instructionSet, let library = candidate.library
        else { return .unavailable("its trial ended with \(status)") }
        let arithmetic = ArithmeticClass(
            precision: precision, instructionSet: set, library: library,
            libraryVersion: candidate.libraryVersion ?? "unknown")
        return .tried(
            Certificate(
                arithmetic: arithmetic, library: "unknown",
                failure:
                    "\(arithmetic) ended its trial with signal \(status - 128); choose another "
                    + "class with --arithmetic or --precision", shapes: []))
    }
}
