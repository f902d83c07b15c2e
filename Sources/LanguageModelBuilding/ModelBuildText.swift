/// A model that was made, in words.
package enum ModelBuildText {
    /// A line for the text and one for n-grams of each length.
    package static func lines(of model: ModelEstimate) -> String {
        var lines =
            "\(model.sentenceCount) sentences, \(model.tokenCount) words, "
            + "\(model.words.count - WordTable.specialCount) of them different\n"
        for (position, count) in model.counts.enumerated() {
            let length = position + 1
            let discounts = model.discounts[position]
            let all = model.countsBeforeCutting[position]
            lines += "\(length)-grams  \(count)" + (all == count ? "" : " of \(all)")
            lines += "  discounts \(discounts.one) \(discounts.two) \(discounts.more)"
            lines += (model.lengthsWithFallback.contains(length) ? " (fallback)" : "") + "\n"
        }
        return lines
    }
}
