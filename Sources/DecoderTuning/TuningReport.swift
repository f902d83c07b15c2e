internal import ErrorRates
internal import StrictJSON

extension DecoderTuning.Outcome {
    /// Lines for people; the last one is what to type.
    package func text(rows: TuningRows) -> String {
        var lines = "\(rows.rows.count) rows"
        if rows.withoutReference > 0 { lines += ", \(rows.withoutReference) more without a text" }
        if rows.withoutLogits > 0 {
            lines += ", \(rows.withoutLogits) more without log-probabilities"
        }
        lines += "\n\n" + surface + "\n"
        lines += Self.line("greedy", greedy) + Self.line("as given", given)
        lines += Self.line("best", tuned) + "\n"
        for (name, interval) in [("greedy", gainOverGreedy), ("as given", gainOverGiven)] {
            guard let interval else { continue }
            lines +=
                "better than \(name) by \(TuningNumbers.percent(interval.lowerBound)) to "
                + "\(TuningNumbers.percent(interval.upperBound)) points of word errors (95 %)\n"
        }
        return lines + "\n--alpha \(TuningNumbers.text(best.alpha)) --beta "
            + "\(TuningNumbers.text(best.beta))\n"
    }

    /// Word error rates on the grid: betas down, alphas across.
    private var surface: String {
        var rates: [TuningSearch.Point: Int] = [:]
        for trial in search.trials { rates[trial.point] = trial.loss.wordErrors }
        func padded(_ text: String) -> String {
            String(repeating: " ", count: max(1, 8 - text.count)) + text
        }
        let head = search.alphas.map { padded(TuningNumbers.text($0)) }.joined()
        var lines = "word errors in %, by alpha across and beta down\n" + padded("") + head + "\n"
        for beta in search.betas {
            lines += padded(TuningNumbers.text(beta))
            for alpha in search.alphas {
                let errors = rates[TuningSearch.Point(alpha: alpha, beta: beta)] ?? 0
                lines += padded(
                    TuningNumbers.percent(Double(errors) / Double(greedy.words.referenceCount)))
            }
            lines += "\n"
        }
        return lines
    }

    private static func line(_ name: String, _ rates: DecoderTuning.Rates) -> String {
        let name = name + String(repeating: " ", count: max(1, 10 - name.count))
        return "\(name)WER \(TuningNumbers.percent(rates.words.rate ?? 0)) %  CER "
            + "\(TuningNumbers.percent(rates.characters.rate ?? 0)) %\n"
    }

    /// One object for programs.
    package func json(rows: TuningRows) -> String {
        var json = JSONWriter()
        json.beginObject()
        json.member("alpha", best.alpha)
        json.member("beta", best.beta)
        json.member("rows", rows.rows.count)
        json.member("rows_without_text", rows.withoutReference)
        json.member("rows_without_logits", rows.withoutLogits)
        for (name, rates) in [("greedy", greedy), ("given", given), ("best", tuned)] {
            json.key(name)
            json.beginObject()
            json.member("wer", rates.words.rate ?? 0)
            json.member("cer", rates.characters.rate ?? 0)
            json.member("words", rates.words.referenceCount)
            json.member("word_errors", rates.words.errors)
            json.endObject()
        }
        for (name, interval) in [
            ("gain_over_greedy", gainOverGreedy), ("gain_over_given", gainOverGiven),
        ] {
            json.key(name)
            json.beginArray()
            if let interval {
                json.value(interval.lowerBound)
                json.value(interval.upperBound)
            }
            json.endArray()
        }
        json.key("trials")
        json.beginArray()
        for trial in search.trials {
            json.beginObject()
            json.member("alpha", trial.point.alpha)
            json.member("beta", trial.point.beta)
            json.member("word_errors", trial.loss.wordErrors)
            json.member("character_errors", trial.loss.characterErrors)
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return String(decoding: json.bytes, as: UTF8.self) + "\n"
    }
}
