internal import AudioFolders
internal import AudioFormats
internal import AudioInput
internal import InputForms
internal import SpeechTypes

/// A look into a file of a folder that nobody has named: whether it is to be a row.
enum FileLook {
    /// Audio is what a decoder knows by its content, whole or broken.
    static func verdict(of path: PathBytes) -> FileVerdict {
        do throws(AudioError) {
            let file = try AudioFile(opening: path)
            if try StillPicture.isOne(file) { return .notAudio }
            return try AudioRecognition.recognise(file) == nil ? .notAudio : .audio
        } catch {
            switch error.code {
            case .audioNotFound, .audioForbiddenPath, .quarantinedSource: return .unreadable
            // Known well enough to say what is wrong with it.
            default: return .audio
            }
        }
    }
}
