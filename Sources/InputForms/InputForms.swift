internal import Manifests
internal import SpeechTypes

/// All forms of input, in the order in which they are tried.
package enum InputForms {
    static let all: [any InputForm.Type] = [
        ManifestStream.self, FairseqFileList.self, JSONLinesManifest.self, FolderInput.self,
        RecordingInput.self,
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
        recognisedBy: "`*`, `?`, `[` in a name that is no file",
        rows: "what it matches, in the order of bytes")

    /// The form of an input.
    ///
    /// - Throws: `ManifestError` if nothing is there, or the input is known and refused.
    static func recognise(_ candidate: InputCandidate) throws(ManifestError) -> any InputForm {
        for form in all {
            if let input = try form.recognise(candidate) { return input }
        }
        throw ManifestError(.invalid, candidate.path.text, "not an input of a known form")
    }
}
