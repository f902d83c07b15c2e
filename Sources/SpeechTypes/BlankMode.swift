/// How a weight changes the logit of CTC's blank before the softmax (NVIDIA's `blank_mode`).
package enum BlankMode: String, CaseIterable, Hashable, Sendable {
    /// The weight is added to the logit.
    case add
    /// The weight takes the logit's place.
    case set
}
