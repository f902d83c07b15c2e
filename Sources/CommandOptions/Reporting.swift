internal import AcousticModels
package import ArgumentParser
internal import AudioFormats
internal import CTCDecoding
internal import CalibratedRecords
internal import Calibration
internal import Checkpoints
internal import ClusterRuntime
internal import DecoderFiles
internal import Files
internal import Glibc
internal import JobLaunch
internal import JobVerification
internal import LanguageModels
internal import Logging
internal import LogitsFiles
internal import Manifests
internal import Processes
package import SpeechTypes
internal import Tensors
internal import Threading
internal import TranscriptRows
internal import Transcription

extension ManifestError {
    /// What the process should exit with.
    var exitStatus: Int32 {
        switch code {
        case .storage: ExitStatus.storage
        case .encoding: ExitStatus.jobRefused
        case .notFound, .unreadable, .invalid, .changed: ExitStatus.usage
        }
    }
}

extension ExportError {
    /// What the process should exit with.
    var exitStatus: Int32 { code == .storage ? ExitStatus.storage : ExitStatus.usage }
}

extension ParsableCommand {
    /// Runs `body`; a failure is told on standard error and becomes the exit status.
    package func reporting(_ body: () throws -> Int32) throws {
        let status: Int32
        do {
            // From here on the first signal ends the process, in order and at once.
            _ = try LongWork.signals.get()
            defer { LongWork.end() }
            status = try body()
            try StandardOutput.finish()
        } catch let error as RuntimeError where error.code == .outputClosed {
            StandardOutput.endAsClosedPipe()
        } catch let failure as CommandFailure {
            throw told(failure, failure.status)
        } catch let error as VerificationError {
            throw told(error, error.exitStatus)
        } catch let error as RuntimeError {
            throw told(error, error.exitStatus)
        } catch let error as FileError {
            throw told(error, RuntimeError(error).exitStatus)
        } catch let error as ExportError {
            throw told(error, error.exitStatus)
        } catch let error as ThreadError {
            throw told(error, ExitStatus.tryAgain)
        } catch let error as CheckpointError {
            throw told(error, ExitStatus.jobRefused)
        } catch let error as LanguageModelError {
            throw told(error, ExitStatus.jobRefused)
        } catch let error as DecoderFileError {
            throw told(error, ExitStatus.jobRefused)
        } catch let error as DecoderError {
            throw told(error, ExitStatus.jobRefused)
        } catch let error as LogitsError {
            throw told(error, ExitStatus.usage)
        } catch let error as ArithmeticError {
            throw told(error, ExitStatus.jobRefused)
        } catch let error as EngineError {
            throw told(error, ExitStatus.engine)
        } catch let error as ManifestError {
            throw told(error, error.exitStatus)
        } catch let error as RowError {
            throw told(error, ExitStatus.usage)
        } catch let error as AudioError {
            throw told(error, ExitStatus.usage)
        } catch let error as CalibrationError {
            throw told(error, ExitStatus.usage)
        } catch let error as StoredAudioFeatures.Fault {
            throw told(error, ExitStatus.usage)
        }
        if status != 0 { throw ExitCode(status) }
    }

    /// Names that are not UTF-8 are taken where audio is named, and nowhere else.
    package func refuseArgumentsThatAreNoText(besides inputs: [PathBytes]) throws {
        for (place, path) in RawArguments.notText where !inputs.contains(path) {
            throw told(
                CommandFailure(
                    ExitStatus.usage,
                    "argument \(place) (\(path.text)) is not UTF-8, which only inputs of transcribe and "
                        + "coordinate and recordings of inspect may be; rename it, or put a link with another name to it"
                ),
                ExitStatus.usage)
        }
    }

    private func told(_ error: any Error, _ status: Int32) -> ExitCode {
        LongWork.end()
        ProgramLog.tellAtOnce(.error, "\(error)")
        return ExitCode(status)
    }
}
