internal import Files
package import JobJournal
package import Manifests
package import Processes

extension RuntimeError {
    /// A journal's error with the exit status that it has.
    package init(_ error: JournalError) {
        switch error.code {
        case .locked, .superseded: self.init(.superseded, error.description)
        case .otherJob, .otherRows, .format: self.init(.jobRefused, error.description)
        case .damaged, .full, .cannotOpen, .inputOutput: self.init(.storage, error.description)
        }
    }

    /// What kept a job's files from being read or written, whoever met it.
    package init(of error: any Error) {
        switch error {
        case let error as RuntimeError: self = error
        case let error as FileError: self.init(error)
        case let error as JournalError: self.init(error)
        case let error as ManifestError: self.init(error)
        default: self.init(.storage, "\(error)")
        }
    }

    /// A manifest's error with the exit status that it has.
    package init(_ error: ManifestError) {
        switch error.code {
        case .notFound, .unreadable, .invalid: self.init(.usage, error.description)
        case .changed, .encoding: self.init(.jobRefused, error.description)
        case .storage: self.init(.storage, error.description)
        }
    }
}
