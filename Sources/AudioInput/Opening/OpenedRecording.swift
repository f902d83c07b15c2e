/// A decoder of a file at its first frame, and what is known of the file already.
struct OpenedRecording {
    let source: any FrameSource
    var findings: FileFindings

    init(_ source: any FrameSource, _ findings: FileFindings = FileFindings()) {
        self.source = source
        self.findings = findings
    }
}
