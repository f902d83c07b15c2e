internal import LanguageCodes
internal import Testing

@Suite("Codes of languages") struct LanguageCodeTests {
    private let names = [
        "ara", "azj-script_cyrillic", "azj-script_latin", "cmn-script_simplified", "deu", "eng",
        "est", "fas", "fra", "hin", "heb", "ind", "kmr-script_arabic", "kmr-script_latin", "nld",
        "nno", "nob", "npi", "ory", "por", "quc-dialect_central", "quc-dialect_east", "ron",
        "srp-script_cyrillic", "srp-script_latin", "swh", "tgl", "urd", "yue", "zlm",
    ]

    @Test(
        "a code of ISO 639-1, 639-2 or 639-3 is the model's own name for the language",
        arguments: [
            ("deu", "deu"), ("de", "deu"), ("ger", "deu"), ("DE", "deu"), ("de-DE", "deu"),
            ("de_AT", "deu"), ("es-419", ""), ("en", "eng"), ("fre", "fra"), ("dut", "nld"),
            ("pt-BR", "por"), ("iw", "heb"), ("in", "ind"), ("mo", "ron"), ("hi", "hin"),
        ])
    func codes(asked: String, name: String) {
        #expect(
            languageCode(asked, among: names)
                == (name.isEmpty ? .unknown(similar: ["est"]) : .found(name)))
    }

    @Test(
        "a macrolanguage and its main member mean each other where the model has one of them",
        arguments: [
            ("sw", "swh"), ("swa", "swh"), ("ms", "zlm"), ("zsm", "zlm"), ("ar", "ara"),
            ("arb", "ara"), ("ekk", "est"), ("ne", "npi"), ("or", "ory"), ("fa", "fas"),
            ("pes", "fas"), ("zh", "cmn-script_simplified"), ("zh-CN", "cmn-script_simplified"),
            ("no", "nob"), ("nb", "nob"), ("nn", "nno"), ("fil", "tgl"), ("tl", "tgl"),
        ])
    func macrolanguages(asked: String, name: String) {
        #expect(languageCode(asked, among: names) == .found(name))
    }

    @Test(
        "a script chooses among several, in the spelling of ISO 15924 or of the model",
        arguments: [
            ("sr-Latn", "srp-script_latin"), ("sr_Cyrl", "srp-script_cyrillic"),
            ("srp-script_latin", "srp-script_latin"), ("az-Latn-AZ", "azj-script_latin"),
            ("ku-Arab", "kmr-script_arabic"), ("zh-Hans", "cmn-script_simplified"),
            ("quc-central", "quc-dialect_central"),
        ])
    func scripts(asked: String, name: String) {
        #expect(languageCode(asked, among: names) == .found(name))
    }

    @Test("between scripts nothing is guessed") func severalScripts() {
        #expect(
            languageCode("sr", among: names)
                == .several(["srp-script_cyrillic", "srp-script_latin"]))
        #expect(
            languageCode("azj", among: names)
                == .several(["azj-script_cyrillic", "azj-script_latin"]))
        #expect(languageCode("urd", among: ["urd", "urd-script_latin"]) == .found("urd"))
        #expect(languageCode("ur", among: ["urd-script_latin", "urd"]) == .found("urd"))
    }

    @Test("a script that the model does not have is not another one") func missingScript() {
        #expect(
            languageCode("zh-Hant", among: names)
                == .unknown(similar: ["cmn-script_simplified"]))
        #expect(languageCode("hi-Latn", among: names) == .unknown(similar: ["hin"]))
    }

    @Test("names of Omnilingual ASR are understood too") func omnilingual() {
        let names = ["eng_Latn", "deu_Latn", "srp_Cyrl", "srp_Latn", "cmn_Hans", "cmn_Hant"]
        #expect(languageCode("de", among: names) == .found("deu_Latn"))
        #expect(languageCode("zh-Hant", among: names) == .found("cmn_Hant"))
        #expect(languageCode("sr", among: names) == .several(["srp_Cyrl", "srp_Latn"]))
        #expect(languageCode("srp-script_latin", among: names) == .found("srp_Latn"))
    }

    @Test("what is not there is told with names that look alike") func unknown() {
        #expect(languageCode("dea", among: names) == .unknown(similar: ["deu"]))
        #expect(languageCode("", among: names) == .unknown(similar: []))
        #expect(languageCode("-_-", among: names) == .unknown(similar: []))
        #expect(languageCode("xx", among: []) == .unknown(similar: []))
        #expect(languageCode("tlh", among: names) == .unknown(similar: []))
    }
}
