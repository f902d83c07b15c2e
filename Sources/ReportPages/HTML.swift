/// Markup in which text from outside is never anything but text.
package enum HTML {
    package static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            // Controls have no place in a page; those that turn its direction could hide what is written.
            case "\u{0}"..<"\u{9}", "\u{B}"..<"\u{20}", "\u{7F}"..<"\u{A0}",
                "\u{202A}"..."\u{202E}",
                "\u{2066}"..."\u{2069}":
                result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// A table: names of columns, whether they are numbers, and cells that are text.
    static func table(
        _ caption: String, _ columns: [(name: String, isNumber: Bool)], _ rows: [[String]]
    ) -> String {
        func cell(_ tag: String, _ text: String, _ index: Int) -> String {
            let kind = columns[index].isNumber ? " class=\"n\"" : ""
            let scope = tag == "th" ? " scope=\"col\"" : ""
            return "<\(tag)\(scope)\(kind)>\(escaped(text))</\(tag)>"
        }
        let head = columns.indices.map { cell("th", columns[$0].name, $0) }.joined()
        let body = rows.map { row in
            "<tr>" + row.indices.map { cell("td", row[$0], $0) }.joined() + "</tr>"
        }.joined(separator: "\n")
        return """
            <div class="scroll" tabindex="0" role="region" aria-label="\(escaped(caption))"><table>
            <caption>\(escaped(caption))</caption>
            <thead><tr>\(head)</tr></thead>
            <tbody>
            \(body)
            </tbody></table></div>

            """
    }
}
