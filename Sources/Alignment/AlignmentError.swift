/// Why a text cannot be aligned with its audio.
package enum AlignmentError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Every letter takes a frame, and a letter that is doubled takes one more.
    case textTooLong(frames: Int, needed: Int)
    /// Frames times states of the trellis are more than is computed.
    case tooMuchWork(frames: Int, letters: Int)
    /// The blank, or a class that the model does not have, is among the letters.
    case notALetter(class: Int)

    package var description: String {
        switch self {
        case .textTooLong(let frames, let needed):
            "the text needs \(needed) frames and the audio has \(frames): is it this recording's text?"
        case .tooMuchWork(let frames, let letters):
            "\(frames) frames and \(letters) letters are too many to be aligned exactly; "
                + "--match loose aligns them between places where both agree"
        case .notALetter(let index):
            "class \(index) is no letter: it is the blank, or the model does not have it"
        }
    }
}
