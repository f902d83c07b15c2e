package import AudioFolders

/// Where a job's input and model are on this machine, so that a report can name them.
package struct JobSources: Hashable, Sendable {
    /// The file with the rows.
    package var manifest = ""
    package var model = ""
    /// The symbols of the model, where they are a file of their own.
    package var labels: String?
    /// As it was asked for, of a model that has several.
    package var language: String?
    /// The files of the job's artefacts beside its acoustic model, by their names.
    package var artefacts: [String: String] = [:]
    /// What there is in the folders of the input besides its rows.
    package var leftOut = SkippedEntries()

    package init() {}
}
