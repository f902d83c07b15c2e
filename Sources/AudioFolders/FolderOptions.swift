package import SpeechTypes

/// What a look into a file that nobody has named says of it.
package enum FileVerdict: Hashable, Sendable {
    case audio
    case notAudio
    case unreadable
}

/// How folders become rows.
package struct FolderOptions: Sendable {
    /// Which files are taken.
    package enum Rule: String, Sendable {
        /// Those with the name of a recording, and those whose content a decoder knows.
        case content
        /// Those whose extension an earlier version of this program knew: the rule of jobs that it
        /// began, whose rows must stay what they are.
        case earlierNames = "earlier_names"
    }

    package var rule = Rule.content
    /// Looks into one file, from any thread; nil where only names are to decide.
    package var judge: (@Sendable (PathBytes) -> FileVerdict)?
    /// Links to files and folders outside, and to folders, are followed.
    package var followsLinks = false
    /// Rows that a job of these inputs has recorded: a file that is among them is not judged again.
    package var recordedRows: String?

    package init() {}

    /// Extensions that are taken for audio when nobody has named the file, in lower case.
    ///
    /// None that is as common for something else (`dts`, `mts`, `ts`, `voc`): content decides there.
    package static let extensions: Set = earlierExtensions.union([
        "3g2", "ac3", "adts", "asf", "bw64", "bwf", "eac3", "f4v", "m2ts", "m4v", "mp1", "mp2",
        "mpeg", "mpg", "mpga", "ogv", "ogx", "spx", "vob", "wmv",
    ])

    /// What the rule ``Rule/earlierNames`` knows; nothing may be added.
    static let earlierExtensions: Set = [
        "3gp", "aac", "aif", "aifc", "aiff", "amr", "ape", "au", "avi", "caf", "flac", "flv", "m4a",
        "m4b", "mka", "mkv", "mov", "mp3", "mp4", "mpc", "nist", "oga", "ogg", "opus", "rf64",
        "snd", "sph", "tta", "w64", "wav", "wave", "webm", "wma", "wv",
    ]
}
