internal import Manifests
internal import SpeechTypes

/// All forms of input, in the order in which they are tried.
package enum InputForms {
    static let all: [any InputForm.Type] = [
        ManifestStream.self, KaldiFolder.self, LhotseManifest.self, AudioFolderList.self,
        ColumnTable.self, FairseqFileList.self, TarredManifest.self, JSONLinesManifest.self,
        FolderInput.self, ArchiveInput.self, RemoteInput.self, RecordingInput.self,
    ]

    /// What people are told of each form, in the order of the list; patterns are one of them.
    package static var pages: [InputFormPage] { all.map { $0.page } + [pattern] }

    /// For the help of a command: `a manifest …, a folder, or …`.
    package static var help: String {
        let forms = pages.map(\.help)
        return forms.dropLast().joined(separator: ", ") + ", or " + (forms.last ?? "")
    }

    /// What the resolver makes of a name that is no file.
    private static let pattern = InputFormPage(
        help: "a pattern of names", name: "pattern",
        recognisedBy: "`*`, `?`, `[` in a name that is no file; `{0..3}` or NeMo's `_OP_0..3_CL_`",
        rows: "what it matches, in the order of bytes; the files of the range, in its order")

    /// Names of the forms that can be asked for.
    package static var choices: [String] { pages.compactMap(\.choice) }

    /// The form of an input.
    ///
    /// - Parameter choice: the name of the form that it is said to have; nil to find out.
    /// - Throws: `ManifestError` if nothing is there, or the input is known and refused.
    static func recognise(
        _ candidate: InputCandidate, as choice: String? = nil
    ) throws(ManifestError) -> any InputForm {
        if let choice {
            guard let form = all.first(where: { $0.page.choice == choice }) else {
                throw ManifestError(
                    .invalid, choice,
                    "no form of input; there are \(choices.joined(separator: ", "))")
            }
            var candidate = candidate
            candidate.isForced = true
            guard let input = try form.recognise(candidate) else {
                throw ManifestError(
                    .invalid, candidate.path.text,
                    "is not \(form.page.help), as --input-form \(choice) says")
            }
            return input
        }
        for form in all {
            if let input = try form.recognise(candidate) { return input }
        }
        throw ManifestError(.invalid, candidate.path.text, "not an input of a known form")
    }
}
