/// What English writes short, and how it is written out, in the order in which it is replaced.
enum EnglishContractions {
    static func expanded(_ text: ScalarText) -> ScalarText {
        let hasApostrophe = text.contains("'")
        return all.reduce(text) { text, replacement in
            hasApostrophe || !replacement.pattern.contains("'")
                ? replacement.applied(to: text) : text
        }
    }

    private static let all: [TextReplacement] = (words + titles + perfects + endings).map {
        TextReplacement($0, $1)
    }

    private static let words = [
        ("won't", "will not"), ("can't", "can not"), ("let's", "let us"), ("ain't", "aint"),
        ("y'all", "you all"), ("wanna", "want to"), ("gotta", "got to"), ("gonna", "going to"),
        ("i'ma", "i am going to"), ("imma", "i am going to"), ("woulda", "would have"),
        ("coulda", "could have"), ("shoulda", "should have"), ("ma'am", "madam"),
    ]

    private static let titles = [
        ("mr", "mister "), ("mrs", "missus "), ("st", "saint "), ("dr", "doctor "),
        ("prof", "professor "), ("capt", "captain "), ("gov", "governor "), ("ald", "alderman "),
        ("gen", "general "), ("sen", "senator "), ("rep", "representative "),
        ("pres", "president "), ("rev", "reverend "), ("hon", "honorable "),
        ("asst", "assistant "), ("assoc", "associate "), ("lt", "lieutenant "),
        ("col", "colonel "), ("jr", "junior "), ("sr", "senior "), ("esq", "esquire "),
    ]

    private static let perfects = [
        ("'d been", " had been"), ("'s been", " has been"), ("'d gone", " had gone"),
        ("'s gone", " has gone"), ("'d done", " had done"), ("'s got", " has got"),
    ]

    private static let endings = [
        ("n't", " not"), ("'re", " are"), ("'s", " is"), ("'d", " would"), ("'ll", " will"),
        ("'t", " not"), ("'ve", " have"), ("'m", " am"),
    ]
}
