/// A word or a phrase that is said more often here than a model of the language knows.
package struct Hotword: Hashable, Sendable {
    /// The weight of a hotword that states none, as pyctcdecode has it.
    package static let weightOfMost = 10.0

    /// Words between single spaces, in the spelling of the model's alphabet.
    package let phrase: String
    /// What the whole phrase adds to the score of a reading, as a natural logarithm; below 0 it makes the
    /// phrase rarer.
    package let weight: Double

    package init(phrase: String, weight: Double = weightOfMost) {
        self.phrase = phrase
        self.weight = weight
    }
}
