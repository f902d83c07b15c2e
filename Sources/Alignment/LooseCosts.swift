/// What it costs, in natural logarithms of probability, that text and audio disagree.
///
/// A letter that is forced onto audio where it is not spoken costs a model 5 to 15 for each frame, so a
/// word that is missing is cheaper to leave out, and one that was misheard in a letter is not.
package struct LooseCosts: Hashable, Sendable {
    /// Words without audio, however many follow each other.
    package var missing = 5.0
    /// Each letter of such a word.
    package var missingLetter = 1.0
    /// A stretch of audio without text.
    package var extra = 6.0
    /// Each frame of such a stretch, below the best class of the frame.
    package var extraFrame = 0.25

    package init() {}
}
